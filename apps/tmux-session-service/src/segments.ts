import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What `bin/record-output.pl` leaves in the folder of a recording. */
export interface Listing {
  /** Offsets at which segments begin, ascending. */
  readonly starts: readonly number[];
  /** Whether the writer has said that nothing more comes. */
  readonly isEnded: boolean;
}

const SEGMENT = /^(\d{15})\.out$/;
export const WRITER_FILE = 'writer';
export const END_FILE = 'end';

export const segmentFile = (folder: string, start: number): string => join(folder, `${padded(start)}.out`);
export const indexFile = (folder: string, start: number): string => join(folder, `${padded(start)}.idx`);
const padded = (start: number): string => String(start).padStart(15, '0');

export function listingOf(names: readonly string[]): Listing {
  const starts = names.flatMap((name) => SEGMENT.exec(name)?.[1] ?? []).map(Number);
  return { starts: starts.sort((a, b) => a - b), isEnded: names.includes(END_FILE) };
}

export const listSegments = async (folder: string): Promise<Listing> => listingOf(await readdir(folder));

/**
 * Bytes from an offset on, at most to the end of its segment; empty at the end of the last one, undefined when they
 * are not kept, were never written, or are not there yet.
 */
export async function readSegment(
  folder: string,
  starts: readonly number[],
  offset: number,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const start = starts.findLast((each) => each <= offset);
  if (start === undefined) return undefined;
  try {
    await using file = await open(segmentFile(folder, start), 'r');
    const buffer = Buffer.allocUnsafe(maxBytes);
    const { bytesRead } = await file.read(buffer, 0, maxBytes, offset - start);
    if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    const { size } = await file.stat();
    return start + size === offset && start === starts.at(-1) ? Buffer.alloc(0) : undefined;
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // dropped meanwhile: too old
    throw err;
  }
}
