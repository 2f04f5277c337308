import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/** A longer piece is read at the next look. */
const READ_MAX = 4 * 1024 * 1024;

/**
 * The lines of a growing file from an offset on; whole ones only, because the last may still be on its way. A file
 * that is not there has none.
 *
 * @returns the lines and the offset behind them, in bytes
 */
export function readLines(
  path: string,
  offset: number,
): { readonly lines: readonly string[]; readonly offset: number } {
  if (!existsSync(path)) return { lines: [], offset };
  const file = openSync(path, 'r');
  try {
    const size = Math.min(fstatSync(file).size - offset, READ_MAX);
    if (size <= 0) return { lines: [], offset };
    const buffer = Buffer.alloc(size);
    const bytes = buffer.subarray(0, readSync(file, buffer, 0, size, offset));
    const end = bytes.lastIndexOf(0x0a) + 1;
    // a line that fills the whole piece is nobody's: skipping it is better than reading it for ever
    if (end === 0 && bytes.length === READ_MAX) return { lines: [], offset: offset + bytes.length };
    return { lines: bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1), offset: offset + end };
  } finally {
    closeSync(file);
  }
}
