import { redisFixture } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { createHealthStore } from './health-store.ts';

const PROJECT = 'project-1';
const HOUR_MS = 3_600_000;

test('failures are counted until a poll succeeds, and their text is kept short', async () => {
  await using redis = await redisFixture();
  const health = createHealthStore(redis);
  await health.recordFailure(PROJECT, 'status 500', 1);
  await health.recordFailure(PROJECT, 'x'.repeat(10_000), 2);
  expect(await health.health(PROJECT)).toMatchObject({ failures: 2, error: 'x'.repeat(500), lastPollAt: 0 });
  expect(await health.recordSuccess(PROJECT, 'ACME', 5, 7)).toBe(2);
  const noted = { identifier: 'ACME', lastPollAt: 5, failures: 0, error: '', items: 7 };
  expect(await health.health(PROJECT)).toEqual(noted);
});

test('a failure is news when it is another one, after a success, and once an hour', async () => {
  await using redis = await redisFixture();
  const health = createHealthStore(redis);
  const fails = (error: string, at: number) => health.recordFailure(PROJECT, error, at);
  expect(await fails('status 500', HOUR_MS)).toBe(true);
  expect(await fails('status 500', HOUR_MS + 1)).toBe(false);
  expect(await fails('status 403', HOUR_MS + 2)).toBe(true);
  expect(await fails('status 403', 2 * HOUR_MS)).toBe(false);
  expect(await fails('status 403', 2 * HOUR_MS + 3)).toBe(true);
  await health.recordSuccess(PROJECT, 'ACME', 2 * HOUR_MS + 4, 0);
  expect(await fails('status 403', 2 * HOUR_MS + 5)).toBe(true);
});
