import { expect, test } from 'vitest';
import { isLate } from './health.ts';

const at = (now: number) => ({ startedAt: 1_000_000, now, lateMs: 180_000 });

test('a project that nobody has polled yet is late only when there was time to', () => {
  expect(isLate(0, at(1_005_000))).toBe(false);
  expect(isLate(0, at(1_180_000))).toBe(false);
  expect(isLate(0, at(1_180_001))).toBe(true);
});

test('a project whose polls have stopped is late, also for an api that has run for long', () => {
  expect(isLate(2_000_000, at(2_100_000))).toBe(false);
  expect(isLate(2_000_000, at(2_180_001))).toBe(true);
});
