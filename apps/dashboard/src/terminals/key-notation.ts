import { z } from 'zod';

export interface QuickKey {
  readonly label: string;
  /** What is sent, in the notation of `parseKeys`. */
  readonly keys: string;
}

/** B-205, and what phones have no key for. */
export const USUAL_KEYS: readonly QuickKey[] = [
  { label: 'Esc', keys: String.raw`\e` },
  { label: 'Tab', keys: String.raw`\t` },
  { label: 'Ctrl-C', keys: String.raw`\x03` },
  { label: '↑', keys: String.raw`\e[A` },
  { label: '↓', keys: String.raw`\e[B` },
  { label: '←', keys: String.raw`\e[D` },
  { label: '→', keys: String.raw`\e[C` },
  { label: 'Enter', keys: String.raw`\n` },
  { label: 'Ctrl-D', keys: String.raw`\x04` },
  { label: 'Ctrl-Z', keys: String.raw`\x1a` },
  { label: 'Ctrl-L', keys: String.raw`\x0c` },
];

const ESCAPE = /\\(?:x([0-9a-f]{2})|([tne\\]))/gi;
/** The Enter key of a terminal sends a carriage return. */
const NAMED: Readonly<Record<string, string>> = { t: '\t', n: '\r', e: '\u001b', '\\': '\\' };
const ARROWS: ReadonlySet<string> = new Set(['\u001b[A', '\u001b[B', '\u001b[C', '\u001b[D']);

/** Keys from their notation: `\xNN`, `\t`, `\n`, `\e`, `\\`; everything else is itself. */
export const parseKeys = (notation: string): string =>
  notation.replaceAll(ESCAPE, (_, hex: string | undefined, name: string | undefined) =>
    hex === undefined ? (NAMED[name?.toLowerCase() ?? ''] ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );

/** Arrows have another sequence while a program has asked for that. */
export function keysFor(notation: string, isApplicationMode: boolean): string {
  const keys = parseKeys(notation);
  return isApplicationMode && ARROWS.has(keys) ? keys.replace('[', 'O') : keys;
}

const Kept = z.array(z.object({ label: z.string().min(1).max(20), keys: z.string().min(1).max(200) })).max(50);

/** What was kept, unless it is nothing that we kept. */
export function parseKept(json: string | null): readonly QuickKey[] {
  try {
    return Kept.parse(JSON.parse(json ?? ''));
  } catch {
    return USUAL_KEYS;
  }
}
