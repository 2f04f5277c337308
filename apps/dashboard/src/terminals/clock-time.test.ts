import { expect, test } from 'vitest';
import { clockTime } from './clock-time.ts';

test.each([
  [-5, '0:00'],
  [999, '0:00'],
  [61_000, '1:01'],
  [3_599_999, '59:59'],
  [3_723_000, '1:02:03'],
])('%d ms are shown as %s', (ms, shown) => {
  expect(clockTime(ms)).toBe(shown);
});
