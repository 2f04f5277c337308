import { expect, test } from 'vitest';
import { restartDelayMs } from './backoff.ts';

test('the first restart comes after half a second, each further one after twice as long, at most 30 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 50].map(restartDelayMs)).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
});
