import { comparePositions } from '@pco/shared/redis';
import type { Frame } from './frames.ts';

/** The newest events in memory, so that many readers cost one read of Redis. */
export interface Ring {
  add(frames: readonly Frame[]): void;
  /** Forgets everything; what comes next follows this position. */
  restart(position: string): void;
  /** What follows a position, at most so many. @returns null when the ring does not know that position */
  after(position: string, limit: number): readonly Frame[] | null;
  end(): string;
}

export function createRing(size: number, start: string): Ring {
  let before = start;
  let frames: Frame[] = [];

  /** Index of what follows the position. */
  function find(position: string): number {
    if (position === before) return 0;
    let [low, high] = [0, frames.length - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = comparePositions(frames[middle]?.id ?? '', position);
      if (order === 0) return middle + 1;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  return {
    add(more) {
      frames.push(...more);
      if (frames.length <= size * 2) return; // seldom, and then half of them
      const dropped = frames.length - size;
      before = frames[dropped - 1]?.id ?? before;
      frames = frames.slice(dropped);
    },
    restart(position) {
      before = position;
      frames = [];
    },
    after(position, limit) {
      const at = find(position);
      return at < 0 ? null : frames.slice(at, at + limit);
    },
    end: () => frames.at(-1)?.id ?? before,
  };
}
