import { expect, test } from 'vitest';
import { pauseFor } from './pause-for.ts';

test.each([
  [0, 8_000],
  [1_000, 8_000],
  [50_000, 12_500],
  [1_000_000, 20_000],
])('with %i keys writers may wait up to %i ms', (keys, ms) => {
  expect(pauseFor(keys)).toBe(ms);
});
