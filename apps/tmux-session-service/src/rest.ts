import { once } from 'node:events';
import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from '@pco/shared/log';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@pco/shared/time';
import { createPacer, type Pacer } from './pacer.ts';
import { CAST_FILE } from './recording-folder.ts';
import type { Recordings } from './recordings.ts';
import { END_FILE, indexFile, listingOf, segmentFile, WRITER_FILE } from './segments.ts';
import { writerState } from './writer-state.ts';

const PERIOD_MS = MINUTE_MS / 2;
/** After a change of sessions: the writer of one that ended writes its last. */
const DELAY_MS = SECOND_MS;
/** A writer out of sight that still has something writes it within moments. */
const SILENT_MS = 10 * SECOND_MS;
/** What failed, on a full disk above all, is not tried all the time: it reads a whole recording. */
const RETRY_MS = HOUR_MS / 6;

export interface RestOptions {
  readonly recordings: Pick<Recordings, 'names' | 'folder' | 'isRead'>;
  /** Whether somebody follows the output in that folder. */
  readonly isFollowed: (folder: string) => boolean;
  /** Names of the recordings of living sessions. */
  readonly live: () => Promise<ReadonlySet<string>>;
  readonly log: Logger;
}

/**
 * Puts recordings to rest once their sessions have ended: what was printed is kept without its secrets, and the
 * segments, which hold them, are removed. Nobody needs exact bytes of a session that cannot be joined any more.
 */
export function startRest(options: RestOptions): Pacer {
  const { recordings, live, log } = options;
  const stop = new AbortController();
  const done = new Set<string>();
  const failed = new Map<string, number>();
  const work = async () => {
    const living = await live();
    const names = await recordings.names();
    for (const name of done) if (!names.includes(name)) done.delete(name);
    for (const name of names) {
      if (stop.signal.aborted) return;
      if (living.has(name) || done.has(name) || (failed.get(name) ?? 0) > performance.now()) continue;
      try {
        if (await putToRest(options, name, stop.signal)) done.add(name);
      } catch (err) {
        failed.set(name, performance.now() + RETRY_MS);
        if (!stop.signal.aborted) log.warn({ err, recording: name }, 'recording could not be put to rest');
      }
    }
  };
  const onError = (err: unknown) => log.warn({ err }, 'recordings could not be put to rest');
  const pacer = createPacer({ delayMs: DELAY_MS, periodMs: PERIOD_MS, work, onError });
  return {
    hurry: pacer.hurry,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await pacer[Symbol.asyncDispose]();
    },
  };
}

/** @returns whether nothing of it is left as it was printed */
async function putToRest(
  { recordings, isFollowed, log }: RestOptions,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  const folder = recordings.folder(name);
  const state = writerState(folder); // before its files: of one that has gone by now they are all there
  const files = await readdir(folder);
  const { starts, isEnded } = listingOf(files);
  if (!isEnded && !(await endFor(folder, state, starts, files))) return false;
  if (starts.length > 0 && !files.includes(CAST_FILE)) await rewrite(folder, signal);
  if (isFollowed(folder) || recordings.isRead(name)) return false; // they read on from the segments
  for (const start of starts)
    for (const file of [segmentFile(folder, start), indexFile(folder, start)]) await rm(file, { force: true });
  await rm(join(folder, WRITER_FILE), { force: true }); // its number may become another process's
  log.debug({ recording: name }, 'recording put to rest');
  return true;
}

/**
 * Notes the end for a writer that could not do so itself, because it was killed together with its session.
 *
 * @returns whether it has ended
 */
async function endFor(
  folder: string,
  state: ReturnType<typeof writerState>,
  starts: readonly number[],
  files: readonly string[],
): Promise<boolean> {
  const sizes = await Promise.all(files.map((file) => stat(join(folder, file))));
  const lastMs = Math.max(...sizes.map(({ mtimeMs }) => mtimeMs));
  // its session has gone, so nothing comes any more: one that we cannot see has had its time to say so
  const isSilent = state === undefined && Date.now() - lastMs > SILENT_MS;
  if (state !== 'gone' && !isSilent) return false;
  const start = starts.at(-1) ?? 0;
  const size = starts.length > 0 ? (await stat(segmentFile(folder, start))).size : 0;
  const end = join(folder, END_FILE);
  await writeFile(end, `${start + size}\n`, { mode: 0o600 });
  await utimes(end, lastMs / 1_000, lastMs / 1_000); // when it ended, as far as anybody knows
  return true;
}

async function rewrite(folder: string, signal: AbortSignal): Promise<void> {
  const worker = new Worker(new URL('./rest-worker.ts', import.meta.url), { workerData: folder });
  const end = () => void worker.terminate();
  signal.addEventListener('abort', end, { once: true });
  try {
    const [code] = await once(worker, 'exit'); // an error of the thread rejects
    if (code !== 0) throw new Error(`the thread ended with ${code}`);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
