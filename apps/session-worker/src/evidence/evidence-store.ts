import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SECOND_MS } from '@pco/shared/time';
import { z } from 'zod';
import { isProcessAlive } from '../process-alive.ts';
import { type Hook, JournalLine } from './hook.ts';
import type { AgentStatus, Evidence } from './judge.ts';
import { readLines } from './read-lines.ts';
import { EMPTY_TRACK, moved, type Note, note, type Track } from './track.ts';

/** Who the agent says it is; noted by our command hook at its start. */
export const AgentIdentity = z.object({
  session_id: z.string(),
  transcript_path: z.string(),
  pid: z.number().int().positive().nullable().catch(null),
});
export type AgentIdentity = z.output<typeof AgentIdentity>;

/**
 * `<config>/sessions/<pid>.json` of Claude Code. Undocumented, so whatever does not fit is no evidence; but it is
 * what `claude agents --json` prints, without starting a program for 0.25 s, and it is right where hooks are silent:
 * after an interrupt, a refusal, and as soon as a question was answered.
 */
const StatusFile = z.object({
  sessionId: z.string(),
  status: z.enum(['idle', 'busy', 'waiting']),
  statusUpdatedAt: z.number(),
  waitingFor: z.string().optional(),
});

interface Known {
  track: Track;
  /** Bytes of the journal that are in the track. */
  offset: number;
  /** The newest time in the journal. */
  journalAt?: number;
  screen?: { readonly hash: string; readonly since: number };
}

/** What is known of the sessions of this host. All of it can be read again from their folders. */
export interface EvidenceStore {
  /** A hook that came over HTTP; its arrival is all that is known of its time. */
  hear(sessionId: string, hook: Hook): void;
  /** What the terminal shows now: only whether it changes says something. */
  sawScreen(sessionId: string, screen: string): void;
  read(sessionId: string): Evidence;
  forget(sessionId: string): void;
}

/** @param isGone whether an agent's process has ended; nobody can say so from another container */
export function createEvidenceStore(
  dirOf: (sessionId: string) => string,
  clock: () => number = Date.now,
  isGone: (pid: number) => boolean = (pid) => !isProcessAlive(pid),
): EvidenceStore {
  const known = new Map<string, Known>();
  const of = (sessionId: string): Known => {
    const held = known.get(sessionId) ?? { track: EMPTY_TRACK, offset: 0 };
    known.set(sessionId, held);
    return held;
  };
  return {
    hear(sessionId, hook) {
      const held = of(sessionId);
      held.track = note(held.track, { at: clock(), hook });
    },
    sawScreen(sessionId, screen) {
      const held = of(sessionId);
      const hash = createHash('sha256').update(screen).digest('base64');
      const isKnown = held.screen?.hash === hash && held.screen.since <= clock() + SET_BACK_MS;
      if (!isKnown) held.screen = { hash, since: clock() };
    },
    read(sessionId) {
      const dir = dirOf(sessionId);
      const held = of(sessionId);
      readJournal(dir, held);
      const identity = readIdentity(dir);
      return {
        track: held.track,
        status: identity && readStatus(identity, clock(), isGone),
        ended: readEnded(dir),
        transcriptAt: identity && statSync(identity.transcript_path, { throwIfNoEntry: false })?.mtimeMs,
        screenSince: held.screen?.since,
        awaitsResult: existsSync(join(dir, 'stream.jsonl')),
      };
    },
    forget: (sessionId) => void known.delete(sessionId),
  };
}

function readJournal(dir: string, held: Known): void {
  const { lines, offset } = readLines(join(dir, 'hooks.jsonl'), held.offset);
  held.offset = offset;
  for (const line of lines) {
    const entry = parseJson(JournalLine, line);
    if (entry) noteInOrder(held, entry);
  }
}

/** Hooks that run side by side write their lines in another order than they began, but not by that much. */
const SET_BACK_MS = 30 * SECOND_MS;

/** The journal is written in order. A line from long before the last one says that the clock was set back meanwhile. */
function noteInOrder(held: Known, entry: Note): void {
  const { journalAt = entry.at } = held;
  const isSetBack = entry.at < journalAt - SET_BACK_MS;
  if (isSetBack) held.track = moved(held.track, entry.at - journalAt);
  held.journalAt = isSetBack ? entry.at : Math.max(journalAt, entry.at);
  held.track = note(held.track, entry);
}

export const readIdentity = (dir: string): AgentIdentity | undefined =>
  readJson(AgentIdentity, join(dir, 'agent.json'));

function readStatus(
  { session_id, transcript_path, pid }: AgentIdentity,
  now: number,
  isGone: (pid: number) => boolean,
): AgentStatus | undefined {
  if (pid === null || isGone(pid)) return undefined; // the file outlives its process
  const config = dirname(dirname(dirname(transcript_path))); // <config>/projects/<folder>/<session>.jsonl
  const read = readJson(StatusFile, join(config, 'sessions', `${pid}.json`));
  if (!read || read.sessionId !== session_id) return undefined;
  if (read.statusUpdatedAt > now + SET_BACK_MS) return undefined; // until it changes next, its time cannot be compared
  return { state: read.status, at: read.statusUpdatedAt, waitingFor: read.waitingFor };
}

/** `asks` is the launcher's: the agent has ended, and nobody has said what it did. */
function readEnded(dir: string): Evidence['ended'] {
  const path = join(dir, 'asks');
  const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (at === undefined || existsSync(join(dir, 'completed'))) return undefined;
  const code = readText(path).trim();
  return { exitCode: /^\d+$/.test(code) ? Number(code) : null, at };
}

const readJson = <Schema extends z.ZodType>(schema: Schema, path: string): z.output<Schema> | undefined =>
  existsSync(path) ? parseJson(schema, readText(path)) : undefined;

export function parseJson<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // half a file is no evidence
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
