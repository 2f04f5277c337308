import { expect, test } from 'vitest';
import { ago, duration } from './time.ts';

const NOW = Date.parse('2026-05-04T12:00:00Z');

test.each([
  ['2026-05-04T11:59:30Z', 'now'],
  ['2026-05-04T12:05:00Z', 'now'],
  ['2026-05-04T11:59:00Z', '1 minute ago'],
  ['2026-05-04T10:01:00Z', '1 hour ago'],
  ['2026-05-03T11:00:00Z', 'yesterday'],
  ['2026-05-01T11:00:00Z', '3 days ago'],
])('%s is told as %s', (at, told) => {
  expect(ago(at, NOW)).toBe(told);
});

test.each([
  [-5, '0 ms'],
  [331, '331 ms'],
  [59_999, '59 s'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [90_061_000, '1 d 1 h'],
])('%d ms are told as %s', (ms, told) => {
  expect(duration(ms)).toBe(told);
});
