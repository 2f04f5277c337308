import { closeSync, type FSWatcher, openSync, readdirSync, readSync, statSync, watch } from 'node:fs';
import type { Logger } from '@pco/shared/log';
import { SECOND_MS } from '@pco/shared/time';
import { createOutputRing } from './output-ring.ts';
import { END_FILE, type Listing, listingOf, readSegment, segmentFile } from './segments.ts';
import { writerState } from './writer-state.ts';

const READ_BYTES = 64 * 1024;
/** So much is read in one turn of the event loop, for all viewers of a session together. */
const TURN_BYTES = 512 * 1024;
/** With inotify this only notices what sends no event: a writer that was killed. Without, output comes so late. */
const WATCHED_LOOK_MS = 5 * SECOND_MS;
const UNWATCHED_LOOK_MS = 50;

export type OutputLog = ReturnType<typeof openOutputLog>;

/**
 * Follows what one session prints, once for all who look at it: open → ended (the pane or its writer is gone) → closed.
 * The newest bytes are in memory, the older ones on disk. Reading is synchronous on purpose: what the writer has just
 * written is in the page cache, and a thread would cost more than the read.
 *
 * @throws when the folder or its files cannot be read
 */
export function openOutputLog(folder: string, log: Logger) {
  const ring = createOutputRing();
  const listeners = new Set<() => void>();
  let listing: Listing = { starts: [], isEnded: false };
  let current: { start: number; fd: number } | undefined;
  let isOver = false;
  let isClosed = false;
  let lastGrowthMs = 0;

  const look = () => {
    listing = listingOf(readdirSync(folder));
  };
  const enter = (start: number) => {
    if (current) closeSync(current.fd);
    current = undefined;
    current = { start, fd: openSync(segmentFile(folder, start), 'r') };
    if (start !== ring.end) ring.restart(start); // the bytes between were lost on a full disk
  };
  const readMore = (): number => {
    if (!current) return 0;
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    const count = readSync(current.fd, buffer, 0, READ_BYTES, ring.end - current.start);
    // a small copy, so that one key press does not hold 64 KiB
    if (count > 0)
      ring.push(count < READ_BYTES / 4 ? Buffer.from(buffer.subarray(0, count)) : buffer.subarray(0, count));
    return count;
  };
  /** Reads on into what the writer has begun since, a segment being final once there is a next one. */
  const nextSegment = (): boolean => {
    const next = listing.starts.find((start) => current === undefined || start > current.start);
    if (next === undefined) return false;
    enter(next);
    return true;
  };

  /** @returns whether there may be more right now */
  const readTurn = (): boolean => {
    let count = 0;
    while (count < TURN_BYTES) {
      const bytes = readMore();
      count += bytes;
      if (bytes === 0 && !nextSegment()) break;
    }
    if (count > 0) lastGrowthMs = performance.now();
    if (count < TURN_BYTES && listing.isEnded) isOver = true;
    return count >= TURN_BYTES;
  };

  const advance = () => {
    if (isClosed || isOver) return;
    const before = ring.end;
    try {
      if (readTurn()) setImmediate(advance);
    } catch (err) {
      // Removed under our feet, by hand or by the retention: nothing follows.
      log.warn({ err, folder }, 'recording cannot be read any more');
      isOver = true;
    }
    if (ring.end !== before || isOver) for (const listener of [...listeners]) listener();
  };

  const onEvent = (name: string | null) => {
    if (isClosed) return;
    if (name === null || name.endsWith('.out') || name === END_FILE) {
      const isKnown = current !== undefined && name === segmentFile('', current.start);
      if (!isKnown) relook();
      advance();
    }
  };
  const relook = () => {
    try {
      look();
    } catch (err) {
      log.warn({ err, folder }, 'recording cannot be read any more');
      isOver = true;
    }
  };

  look();
  const last = listing.starts.at(-1);
  if (last !== undefined) {
    enter(last);
    ring.restart(last + statSync(segmentFile(folder, last)).size);
  }
  advance();
  const watcher = watchFolder(folder, onEvent, log);
  const timer = setInterval(
    () => {
      relook();
      if (!listing.isEnded && writerState(folder) === 'gone') listing = { ...listing, isEnded: true };
      advance();
    },
    watcher ? WATCHED_LOOK_MS : UNWATCHED_LOOK_MS,
  );

  return {
    /** The number that the next byte will have. */
    get end(): number {
      return ring.end;
    },
    get isOver(): boolean {
      return isOver;
    },
    get quietMs(): number {
      return performance.now() - lastGrowthMs;
    },

    /** Reads what is there now, without waiting for the event. */
    advance,

    /** Whether the writer has put on disk all that tmux gave it; undefined where that cannot be seen. */
    isWriterIdle(): boolean | undefined {
      const state = writerState(folder);
      return state === undefined ? undefined : state !== 'busy';
    },

    /** Bytes from a number on: empty at the end, undefined when they are not kept. */
    read(from: number): Buffer | Promise<Buffer | undefined> | undefined {
      if (from > ring.end) return undefined;
      return ring.read(from) ?? readSegment(folder, listing.starts, from, READ_BYTES);
    },

    /** Calls when there is more to read, or nothing will follow. Gives what ends it. */
    listen(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    [Symbol.dispose](): void {
      isClosed = true;
      clearInterval(timer);
      watcher?.close();
      if (current) closeSync(current.fd);
      current = undefined;
    },
  };
}

function watchFolder(folder: string, onEvent: (name: string | null) => void, log: Logger): FSWatcher | undefined {
  try {
    return watch(folder, (_type, name) => onEvent(name)).on('error', (err) =>
      log.warn({ err, folder }, 'watch failed'),
    );
  } catch (err) {
    log.warn({ err, folder }, 'no more inotify watches; looking often instead (fs.inotify.max_user_watches)');
    return undefined;
  }
}
