import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { API_TOKEN, eventually, keysOf, redisFixture } from '../testing/index.ts';
import { pause } from '../time.ts';
import { BUDGET_CLASSES, type BudgetClass, createBudgetStore } from './budget-store.ts';
import type { RedisHandle } from './connect.ts';

const isEmpty = { code: 'PLANE_BUDGET_EMPTY' };

/** How many of so many requests were allowed, and what the refused ones were told. */
async function takers(asks: readonly Promise<void>[]) {
  const answers = await Promise.allSettled(asks);
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  return { allowed: answers.length - refused.length, refused };
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const open = ({ client, keys }: RedisHandle, requests: number, { token = API_TOKEN, windowMs = 60_000 } = {}) =>
  createBudgetStore(client, keys, token, { requests, windowMs });
/** Members of a log with their times. */
async function logOf({ client, keys }: RedisHandle, part: 'all' | `class:${BudgetClass}`) {
  const flat = await client.zrange(keys.budget(account, part), '0', '-1', 'WITHSCORES');
  return flat.flatMap((member, i): [string, number][] => (i % 2 === 0 ? [[member, Number(flat[i + 1])]] : []));
}
const account = createHash('sha256').update(API_TOKEN).digest('hex').slice(0, 16);

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

test('requests that were sent before the clock of Redis was set back do not count any more', async () => {
  await using redis = await redisFixture();
  const budget = open(redis, 2);
  await budget.take('write');
  await expect(budget.take('write')).rejects.toMatchObject(isEmpty);
  for (const part of ['all', 'class:write'] as const)
    for (const [member, at] of await logOf(redis, part))
      await redis.client.zadd(redis.keys.budget(account, part), at + 3_600_000, member);
  await budget.take('write');
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
  for (const kind of BUDGET_CLASSES) await expect(open(second, 50).take(kind)).rejects.toMatchObject(isEmpty);
  await open(second, 50, { token: 'another key' }).take('poll');
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

test('what has left the window makes room, one for one', async () => {
  await using redis = await redisFixture();
  const budget = open(redis, 2, { windowMs: 3_000 });
  await budget.take('poll');
  await budget.take('write');
  await expect(budget.take('lookup')).rejects.toMatchObject(isEmpty);
  await eventually(() => takers([budget.take('lookup')])).toMatchObject({ allowed: 1 });
});

test('however many ask at once: no window holds more than the limit, and every class gets its share', async () => {
  await using first = await redisFixture();
  await using second = await redisFixture({ prefix: first.prefix });
  await using third = await redisFixture({ prefix: first.prefix });
  const [requests, windowMs] = [10, 400];
  const end = performance.now() + 4_000;
  const sent = { all: new Map<string, number>(), poll: new Set(), write: new Set(), lookup: new Set() };
  const ask = async (redis: RedisHandle, kind: BudgetClass) => {
    while (performance.now() < end) await open(redis, requests, { windowMs }).take(kind);
  };
  const watch = async () => {
    while (performance.now() < end) {
      for (const [member, at] of await logOf(first, 'all')) sent.all.set(member, at);
      for (const kind of BUDGET_CLASSES)
        for (const [member] of await logOf(first, `class:${kind}`)) sent[kind].add(member);
      await pause(50);
    }
  };
  const crowd = [first, second, third].flatMap((redis) =>
    times(4, () => [ask(redis, 'poll'), ask(redis, 'write')]).flat(),
  );
  await Promise.all([watch(), ask(third, 'lookup'), ...crowd]);

  const at = [...sent.all.values()].sort((a, b) => a - b);
  expect(at.length).toBeGreaterThan(requests * 5);
  for (const [i, before] of at.entries()) {
    const after = at[i + requests];
    if (after !== undefined) expect(after - before).toBeGreaterThanOrEqual(windowMs);
  }
  const windows = ((at.at(-1) ?? 0) - (at[0] ?? 0)) / windowMs;
  for (const kind of BUDGET_CLASSES) expect(sent[kind].size).toBeGreaterThanOrEqual(windows); // half of its share of 2
});

test('a class that was refused finds its share when it comes again', async () => {
  await using redis = await redisFixture();
  const budget = open(redis, 10, { windowMs: 3_000 });
  await takers(times(10, () => budget.take('write')));
  expect((await takers(times(10, () => budget.take('poll')))).allowed).toBe(2); // the others have not asked yet
  await expect(budget.take('lookup')).rejects.toMatchObject(isEmpty);
  await eventually(async () => (await budget.usage())[0]?.used).toBe(0);
  expect((await takers(times(10, () => budget.take('write')))).allowed).toBe(8);
  expect((await takers(times(10, () => budget.take('lookup')))).allowed).toBe(2);
});

test('usage is what is in the window now, beside the limits', async () => {
  await using redis = await redisFixture();
  const budget = open(redis, 50);
  await budget.take('poll');
  await budget.take('write');
  expect(await budget.usage()).toEqual([
    { kind: 'all', used: 2 },
    { kind: 'poll', used: 1 },
    { kind: 'write', used: 1 },
    { kind: 'lookup', used: 0 },
  ]);
  expect(budget.limits.map(({ kind, limit }) => `${kind} ${limit}`)).toEqual([
    'all 50',
    'poll 30',
    'write 40',
    'lookup 40',
  ]);
});

test('the log of sends forgets itself when nobody sends', async () => {
  await using redis = await redisFixture();
  const budget = open(redis, 1, { windowMs: 100 });
  await budget.take('poll');
  await budget.take('write');
  await eventually(() => keysOf(redis.client, redis.prefix)).toEqual([]);
});
