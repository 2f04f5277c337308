import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanText, SessionId, SUMMARY_MAX, TicketId } from '@pco/shared/domain';
import type { Host } from './host.ts';

const MAX_BYTES = 64 * 1024;

export interface SignalName {
  readonly speaksOf: string;
  /** The agent's own result, of a headless session. */
  readonly isResult: boolean;
}

/**
 * `completion-<ticket>.txt` in the shared folder; in the private spool `completion-<session>.txt`, and
 * `result-<session>.txt` of a headless agent.
 */
export function parseName(name: string): SignalName | undefined {
  const [, kind, speaksOf] = /^(completion|result)-([A-Za-z0-9_-]{1,64})\.txt$/.exec(name) ?? [];
  return speaksOf === undefined ? undefined : { speaksOf, isResult: kind === 'result' };
}

export const listSignals = async (dir: string): Promise<string[]> =>
  (await readdir(dir).catch(() => [])).filter((name) => parseName(name) !== undefined);

export type ReadFile =
  | { kind: 'signal'; text: string; writtenAt: number; id: string }
  | { kind: 'not_yet' }
  | { kind: 'bad'; why: string };

/**
 * Reads a file that anybody may have written: no symbolic links, only a regular file of our own user (or root's),
 * at most 64 KiB, not empty.
 */
export async function readSignalFile(path: string, uid: number): Promise<ReadFile> {
  const file = openSafely(path);
  if (file === 'link') return { kind: 'bad', why: 'it is a symbolic link' };
  if (file === null) return { kind: 'not_yet' };
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return { kind: 'bad', why: 'it is not a regular file' };
    if (stat.uid !== uid && stat.uid !== 0) return { kind: 'bad', why: 'it belongs to another user' };
    if (stat.size > MAX_BYTES) return { kind: 'bad', why: 'it is larger than 64 KiB' };
    const raw = readFileSync(file, 'utf8');
    if (!isText(raw)) return { kind: 'bad', why: 'it is not UTF-8 text' };
    const text = shorten(cleanText(raw));
    if (text === '') return { kind: 'not_yet' };
    const hash = createHash('sha256').update(raw).update(String(stat.mtimeMs)).digest('hex').slice(0, 24);
    return { kind: 'signal', text, writtenAt: stat.mtimeMs, id: `signal-${hash}` };
  } finally {
    closeSync(file);
  }
}

/** A few bytes of another encoding may be a name; more than a tenth is nothing that anybody wrote as a summary. */
const isText = (raw: string): boolean => raw.split('\ufffd').length - 1 <= raw.length / 10 + 2;

/** In place, as everything about these small local files: a thread costs ten times what the call does. */
function openSafely(path: string): number | 'link' | null {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null; // an error with its stack costs ten looks
  try {
    // the open itself never waits: NONBLOCK, for the pipe that somebody may have put there
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === 'ELOOP' ? 'link' : null;
  }
}

const CUT = '\n[cut here: the summary was longer than a ticket keeps; the whole file is kept on its runner]';
const shorten = (text: string): string =>
  text.length <= SUMMARY_MAX ? text : `${text.slice(0, SUMMARY_MAX - CUT.length)}${CUT}`;

/** Moves a file out of the way after its fate is committed; nothing is ever deleted. */
export async function keepSignal(host: Host, path: string, fate: 'accepted' | 'refused', name: string): Promise<void> {
  const dir = join(host.paths.kept, fate);
  if (!existsSync(dir)) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const target = join(dir, `${Date.now()}-${crypto.randomUUID().slice(0, 8)}-${name}`);
  try {
    renameSync(path, target);
  } catch (err) {
    const { code } = err as NodeJS.ErrnoException;
    if (code === 'ENOENT') return; // another look was quicker
    if (code !== 'EXDEV') throw err;
    copyWhole(path, target); // another file system: /tmp often is one
    rmSync(path);
  }
}

/** Or not at all: on a full disk this is tried again and again. */
function copyWhole(path: string, target: string): void {
  try {
    copyFileSync(path, target);
  } catch (err) {
    rmSync(target, { force: true });
    throw err;
  }
}

/** A file left by an earlier session of the ticket would complete the new one at once. */
export async function setAsideStale(host: Host, ticketId: string, sessionId: string): Promise<void> {
  const { signal_dir } = host.config.automation;
  const places = [
    ...['completion', 'result'].map((kind) => [host.paths.spool, `${kind}-${SessionId.parse(sessionId)}.txt`]),
    ...(signal_dir ? [[signal_dir, `completion-${TicketId.parse(ticketId)}.txt`]] : []),
  ] as [string, string][];
  for (const [dir, name] of places) {
    const read = await readSignalFile(join(dir, name), host.uid);
    if (read.kind !== 'signal') continue;
    host.log.warn({ event: 'completion.stale', ticketId, file: name }, 'left-over completion file set aside');
    await keepSignal(host, join(dir, name), 'refused', name);
  }
}
