import { setImmediate as breathe } from 'node:timers/promises';
import type { TranscriptEntry } from '@pco/shared/contracts/http';
import { readLines } from '../evidence/read-lines.ts';
import { toEntry } from './entry.ts';

/** A reader of a conversation's files, one behind the other, as if they were one. */
export interface Follower {
  /** Entries behind the last ones, as far as they are there; at most so many. */
  next(most: number): Promise<readonly TranscriptEntry[]>;
  /** Whether `next` stopped because of its limit. */
  hasMore(): boolean;
}

/** @param after number of the last line that is known already */
export function followTranscript(paths: () => readonly string[], after: number): Follower {
  let file = 0;
  let offset = 0;
  let line = 0;
  let left: TranscriptEntry[] = [];
  /** One piece of the files; false at their present end. */
  const advance = (): boolean => {
    const known = paths();
    const path = known[file];
    if (path === undefined) return false;
    const read = readLines(path, offset);
    for (const text of read.lines) {
      line += 1;
      const entry = line > after ? toEntry(text, line) : undefined;
      if (entry) left.push(entry);
    }
    const hasGrown = read.offset > offset;
    offset = read.offset;
    if (hasGrown) return true;
    if (file + 1 >= known.length) return false;
    file += 1; // its conversation was ended, and another one begun
    offset = 0;
    return true;
  };
  return {
    hasMore: () => left.length > 0,
    async next(most) {
      while (left.length < most && advance()) await breathe(); // others have their turn between two pieces
      const entries = left.slice(0, most);
      left = left.slice(most);
      return entries;
    },
  };
}
