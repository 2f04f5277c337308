import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { indexFile, listSegments, segmentFile } from './segments.ts';
import { createTerminalFilter, type TerminalFilter } from './terminal-filter.ts';

/** Text that a terminal may show, and when it came. */
export interface OutputEvent {
  readonly atMs: number;
  readonly text: string;
}
interface IndexEntry {
  readonly offset: number;
  readonly atMs: number;
}

/** What stands in place of output when there is no more just now. */
export const CAUGHT_UP = '';
/** Whether there is more now; resolves when that is known. */
export type MoreToCome = () => Promise<boolean>;

/**
 * All that is kept of a recording, oldest first: up to now, or on and on as it comes. Then an event without text tells
 * that for the moment nothing more is there.
 */
export async function* readEvents(folder: string, more?: MoreToCome): AsyncGenerator<OutputEvent> {
  let filter = createTerminalFilter();
  let end = 0;
  do {
    const { starts, isEnded } = await listSegments(folder); // before reading: what has ended then is read whole
    for (const [index, start] of starts.entries()) {
      if ((starts[index + 1] ?? Infinity) <= end) continue; // read before
      if (start > end) filter = createTerminalFilter(); // what stood between is not kept
      end = Math.max(start, end);
      for await (const { bytes, ...event } of readTimed(folder, start, end, filter)) {
        end += bytes;
        if (event.text !== '') yield event;
      }
    }
    if (more === undefined || isEnded) return;
    yield { atMs: 0, text: CAUGHT_UP };
  } while (await more());
}

async function* readTimed(folder: string, start: number, from: number, filter: TerminalFilter) {
  const entries = await readIndex(folder, start);
  let next = 0;
  let atMs = entries[0]?.atMs ?? 0;
  let at = from;
  const stream = createReadStream(segmentFile(folder, start), { start: from - start });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (let done = 0; done < chunk.length; ) {
        for (; (entries[next]?.offset ?? Infinity) <= at; next++) atMs = entries[next]?.atMs ?? atMs;
        const until = Math.min(chunk.length, (entries[next]?.offset ?? Infinity) - at + done);
        yield { atMs, text: filter.push(chunk.subarray(done, until)), bytes: until - done };
        at += until - done;
        done = until;
      }
    }
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err; // the oldest segment may go while we read
  }
}

/** When the bytes of a segment came, as far as that is known. */
export async function readIndex(folder: string, start: number): Promise<IndexEntry[]> {
  const text = await readFile(indexFile(folder, start), 'utf8').catch(() => ''); // without times it can still be read
  const lines = [...text.matchAll(/^(\d+) (\d+)$/gm)];
  return lines.map(([, offset, atMs]) => ({ offset: Number(offset), atMs: Number(atMs) }));
}
