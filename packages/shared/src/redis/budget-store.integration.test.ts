import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { API_TOKEN, eventually, redisFixture } from '../testing/index.ts';
import { createBudgetStore } from './budget-store.ts';
import type { RedisHandle } from './connect.ts';
import { loadScript } from './script.ts';

const isEmpty = { code: 'PLANE_BUDGET_EMPTY' };

/** How many of so many requests were allowed, and what the refused ones were told. */
async function takers(asks: readonly Promise<void>[]) {
  const answers = await Promise.allSettled(asks);
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  return { allowed: answers.length - refused.length, refused };
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const open = ({ client, keys }: RedisHandle, perMinute: number, token = API_TOKEN) =>
  createBudgetStore(client, keys, token, perMinute);

test('a class takes no more than its ceiling, and leaves the rest to the others', async () => {
  await using redis = await redisFixture();
  const budget = open(redis, 50);
  expect((await takers(times(45, () => budget.take('poll')))).allowed).toBe(30);
  await expect(budget.take('poll')).rejects.toMatchObject(isEmpty);
  expect((await takers(times(45, () => budget.take('write')))).allowed).toBe(20); // what is left of the total
  await expect(budget.take('lookup')).rejects.toMatchObject(isEmpty);
});

test('processes that take at the same time never exceed the total together', async () => {
  await using first = await redisFixture();
  await using second = await redisFixture({ prefix: first.prefix });
  const stores = [open(first, 50), open(second, 50)];
  const asks = stores.flatMap((store) => [
    ...times(40, () => store.take('write')),
    ...times(40, () => store.take('lookup')),
    ...times(40, () => store.take('poll')),
  ]);
  const { allowed, refused } = await takers(asks);
  expect(allowed).toBe(50);
  for (const err of refused) expect(err).toMatchObject(isEmpty);
});

test('an empty budget says when the oldest request leaves the window', async () => {
  await using redis = await redisFixture();
  const budget = open(redis, 2);
  await budget.take('write');
  const err = await budget.take('write').catch((reason: unknown) => reason);
  expect(err).toMatchObject({ ...isEmpty, details: { retryAfterMs: expect.any(Number) } });
  const { retryAfterMs } = z.object({ details: z.object({ retryAfterMs: z.number() }) }).parse(err).details;
  expect(retryAfterMs).toBeGreaterThan(55_000);
  expect(retryAfterMs).toBeLessThanOrEqual(60_001);
});

test('a wait of less than a second is waited', async () => {
  await using redis = await redisFixture();
  const budget = open(redis, 50);
  await budget.blockFor(300);
  const started = performance.now();
  await budget.take('poll');
  expect(performance.now() - started).toBeGreaterThanOrEqual(250);
});

test('a block holds for every class and process of the key, and for no other key', async () => {
  await using first = await redisFixture();
  await using second = await redisFixture({ prefix: first.prefix });
  await open(first, 50).blockFor(30_000);
  for (const kind of ['poll', 'write', 'lookup'] as const)
    await expect(open(second, 50).take(kind)).rejects.toMatchObject(isEmpty);
  await open(second, 50, 'another key').take('poll');
});

test('a later, shorter block does not shorten an earlier one', async () => {
  await using redis = await redisFixture();
  const budget = open(redis, 50);
  await Promise.all([budget.blockFor(60_000), budget.blockFor(1_200)]);
  const err = await budget.take('write').catch((reason: unknown) => reason);
  const { retryAfterMs } = z.object({ details: z.object({ retryAfterMs: z.number() }) }).parse(err).details;
  expect(retryAfterMs).toBeGreaterThan(50_000);
});

test('a block of no time, or of a broken number of milliseconds, is no error', async () => {
  await using redis = await redisFixture();
  const budget = open(redis, 50);
  await budget.blockFor(0);
  await budget.blockFor(10.5);
  await budget.take('poll');
});

// --- the window, in a shorter version of itself ------------------------------------------------------------------

const takeBudget = loadScript('take-budget.lua', z.number());
const ask = (client: Redis, keys: string[], windowMs: number, total: number, ceiling: number) =>
  takeBudget(client, keys, [windowMs, total, ceiling, crypto.randomUUID()]);

test('what has left the window makes room, one for one', async () => {
  await using redis = await redisFixture();
  const keys = (['all', 'class:poll', 'blocked'] as const).map((part) => redis.keys.budget('account', part));
  expect(await ask(redis.client, keys, 400, 2, 2)).toBe(0);
  expect(await ask(redis.client, keys, 400, 2, 2)).toBe(0);
  const waitMs = await ask(redis.client, keys, 400, 2, 2);
  expect(waitMs).toBeGreaterThan(0);
  expect(waitMs).toBeLessThanOrEqual(401);
  await eventually(() => ask(redis.client, keys, 400, 2, 2)).toBe(0);
});

test('no sliding window of sends ever holds more than the total', async () => {
  await using redis = await redisFixture();
  const keys = (['all', 'class:poll', 'blocked'] as const).map((part) => redis.keys.budget('account', part));
  const [windowMs, total] = [150, 5];
  const sent: number[] = [];
  const until = performance.now() + 900;
  const taker = async () => {
    while (performance.now() < until) {
      const waitMs = await ask(redis.client, keys, windowMs, total, total);
      if (waitMs === 0) {
        const [newest] = (await redis.client.zrange(keys[0] ?? '', '-1', '-1', 'WITHSCORES')).slice(1);
        sent.push(Number(newest));
      }
    }
  };
  await taker();
  expect(sent.length).toBeGreaterThan(total * 3);
  for (const [i, at] of sent.entries()) {
    const after = sent[i + total];
    if (after !== undefined) expect(after - at).toBeGreaterThanOrEqual(windowMs);
  }
});

test('the log of sends forgets itself when nobody sends', async () => {
  await using redis = await redisFixture();
  const keys = (['all', 'class:poll', 'blocked'] as const).map((part) => redis.keys.budget('account', part));
  await ask(redis.client, keys, 100, 2, 2);
  await eventually(() => redis.client.exists(...keys)).toBe(0);
});
