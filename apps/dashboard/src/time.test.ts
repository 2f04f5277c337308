import { expect, test } from 'vitest';
import { ago } from './time.ts';

const NOW = Date.parse('2026-05-04T12:00:00Z');

test.each([
  ['2026-05-04T11:59:30Z', 'now'],
  ['2026-05-04T12:05:00Z', 'now'],
  ['2026-05-04T11:59:00Z', '1 minute ago'],
  ['2026-05-04T10:01:00Z', '1 hour ago'],
  ['2026-05-01T11:00:00Z', '3 days ago'],
])('%s is told as %s', (at, told) => {
  expect(ago(at, NOW)).toBe(told);
});
