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

/** All that is kept of a recording up to now, oldest first. */
export async function* readEvents(folder: string): AsyncGenerator<OutputEvent> {
  let filter = createTerminalFilter();
  let end = 0;
  for (const start of (await listSegments(folder)).starts) {
    if (start !== end) filter = createTerminalFilter(); // what stood between is not kept
    end = start;
    for await (const { bytes, ...event } of readTimed(folder, start, filter)) {
      end += bytes;
      if (event.text !== '') yield event;
    }
  }
}

async function* readTimed(folder: string, start: number, filter: TerminalFilter) {
  const entries = await readIndex(folder, start);
  let next = 0;
  let atMs = entries[0]?.atMs ?? 0;
  let at = start;
  const stream = createReadStream(segmentFile(folder, start));
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

async function readIndex(folder: string, start: number): Promise<IndexEntry[]> {
  const text = await readFile(indexFile(folder, start), 'utf8').catch(() => ''); // without times it can still be read
  const lines = [...text.matchAll(/^(\d+) (\d+)$/gm)];
  return lines.map(([, offset, atMs]) => ({ offset: Number(offset), atMs: Number(atMs) }));
}
