import { expect, test } from 'vitest';
import { hostTime, setBackMs } from './host-clock.ts';

test.each([
  ['as time goes', 5_000, 5_000, 0],
  ['set back by an hour', 5_000, 5_000 - 3_600_000, 3_600_000],
  ['set forward', 5_000, 90_000, 0],
])('a clock that is set back is noticed: %s', (_what, uptimeMs, ms, back) => {
  const before = { at: 1_000_000_000, uptimeMs: 70_000 };
  expect(setBackMs(before, { at: before.at + ms, uptimeMs: before.uptimeMs + uptimeMs })).toBe(back);
});

test('the clock of this host goes on as its uptime does', () => {
  const before = hostTime();
  expect(setBackMs(before)).toBeLessThan(1_500); // some systems tell whole seconds only
});
