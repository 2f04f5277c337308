import { SECRET_KINDS } from './secret-kinds.ts';

export const REDACTED = '[redacted]';

/** From the first character to the one after the last. */
export type Span = readonly [from: number, to: number];

/** Where secrets of usual kinds stand in a text: in order, none touching another. */
export function secretSpans(text: string): Span[] {
  const found = SECRET_KINDS.flatMap((kind) =>
    [...text.matchAll(kind)].map(({ indices }) => indices?.groups?.secret ?? indices?.[0] ?? ([0, 0] as Span)),
  );
  return mergeSpans(found);
}

/** The same places in order, those that overlap or touch made one. */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: [number, number][] = [];
  for (const [from, to] of [...spans].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) merged.push([from, to]);
  }
  return merged;
}

export function redactSecrets(text: string): string {
  let clean = '';
  let at = 0;
  for (const [from, to] of secretSpans(text)) {
    clean += text.slice(at, from) + REDACTED;
    at = to;
  }
  return clean + text.slice(at);
}
