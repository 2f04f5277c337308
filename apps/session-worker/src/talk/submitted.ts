import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson, readIdentity } from '../evidence/evidence-store.ts';
import { JournalLine } from '../evidence/hook.ts';
import { readLines } from '../evidence/read-lines.ts';

/** What is typed while the agent works is queued, which only its transcript tells; the hook follows when it is its turn. */
const Queued = z.object({ type: z.literal('queue-operation'), operation: z.literal('enqueue'), content: z.string() });

/** The journal keeps the beginning of a prompt. */
const COMPARED = 200;

/** Where the session's hooks and transcript end now: what is submitted later stands behind. */
export interface Mark {
  readonly journal: number;
  readonly transcript: number;
}

const sizeOf = (path: string | undefined): number =>
  path === undefined ? 0 : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);

export const markOf = (dir: string): Mark => ({
  journal: sizeOf(join(dir, 'hooks.jsonl')),
  transcript: sizeOf(readIdentity(dir)?.transcript_path),
});

/** Whether the agent says itself that it was given this text, since the mark. */
export function wasSubmitted(dir: string, mark: Mark, text: string): boolean {
  const wanted = squeeze(text).slice(0, COMPARED);
  const isIt = (prompt: string | undefined): boolean => squeeze(prompt ?? '').includes(wanted);
  const hooks = readLines(join(dir, 'hooks.jsonl'), mark.journal).lines.map(
    (line) => parseJson(JournalLine, line)?.hook,
  );
  if (hooks.some((hook) => hook?.hook_event_name === 'UserPromptSubmit' && isIt(hook.prompt))) return true;
  const transcript = readIdentity(dir)?.transcript_path;
  if (!transcript) return false;
  return readLines(transcript, mark.transcript).lines.some((line) => isIt(parseJson(Queued, line)?.content));
}

/** Terminals wrap and agents reflow: only the words count. */
const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();
