import { createLeaseStore } from '@pco/shared/redis';
import { redisFixture } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { createPollStore, type Seen } from './poll-store.ts';

const PROJECT = 'project-1';
const CURSOR = { watermarkUs: 1_750_000_000_123_456, total: 3, baselineUs: 1_740_000_000_000_001 };
const seen = (updatedUs: number): Seen => ({ updatedUs, stateId: 'todo', stateName: 'Todo' });

async function pollStore() {
  const redis = await redisFixture();
  const lease = await createLeaseStore(redis.client, redis.keys).hold(`poll-${PROJECT}`, 'me', 60_000);
  return {
    redis,
    polls: createPollStore(redis),
    token: lease?.token() ?? '',
    async [Symbol.asyncDispose]() {
      await lease?.[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

test('what a poll saw is remembered to the microsecond', async () => {
  await using f = await pollStore();
  expect(await f.polls.cursor(PROJECT)).toBeNull();
  const rows = new Map([['a', seen(CURSOR.watermarkUs)]]);
  expect(await f.polls.save(PROJECT, f.token, rows, CURSOR)).toBe(true);
  expect(await f.polls.cursor(PROJECT)).toEqual(CURSOR);
  expect(await f.polls.seen(PROJECT, ['b', 'a'])).toEqual([null, seen(CURSOR.watermarkUs)]);
  expect(await f.polls.seen(PROJECT, [])).toEqual([]);
});

test('a poll that was overtaken puts nothing back', async () => {
  await using f = await pollStore();
  await f.polls.save(PROJECT, f.token, new Map([['a', seen(2)]]), CURSOR);
  const stale = { ...CURSOR, watermarkUs: 1 };
  expect(await f.polls.save(PROJECT, 'another token', new Map([['a', seen(1)]]), stale)).toBe(false);
  expect(await f.polls.cursor(PROJECT)).toEqual(CURSOR);
  expect(await f.polls.seen(PROJECT, ['a'])).toEqual([seen(2)]);
});

test('rows are saved without moving the cursor', async () => {
  await using f = await pollStore();
  await f.polls.save(PROJECT, f.token, new Map(), CURSOR);
  await f.polls.save(PROJECT, f.token, new Map([['a', seen(9)]]));
  expect(await f.polls.cursor(PROJECT)).toEqual(CURSOR);
});

test('the baseline of a very large project is saved', async () => {
  await using f = await pollStore();
  const rows = new Map(Array.from({ length: 70_000 }, (_, i) => [`work-item-${i}`, seen(i)] as const));
  expect(await f.polls.save(PROJECT, f.token, rows, CURSOR)).toBe(true);
  expect(await f.redis.client.hlen(f.redis.keys.snapshot(PROJECT))).toBe(70_000);
  expect(await f.polls.cursor(PROJECT)).toEqual(CURSOR);
});

test('a remembered row that cannot be read counts as not seen', async () => {
  await using f = await pollStore();
  await f.redis.client.hset(f.redis.keys.snapshot(PROJECT), 'a', '{"updatedUs":"x"}');
  expect(await f.polls.seen(PROJECT, ['a'])).toEqual([null]);
});

test('comments are new once', async () => {
  await using f = await pollStore();
  expect(await f.polls.unknownComments('item', ['1', '2'])).toEqual(new Set(['1', '2']));
  await f.polls.rememberComments('item', ['1']);
  expect(await f.polls.unknownComments('item', ['1', '2'])).toEqual(new Set(['2']));
  expect(await f.polls.unknownComments('item', [])).toEqual(new Set());
  expect(await f.polls.countKnownComments('item')).toBe(1);
  expect(await f.redis.client.ttl(f.redis.keys.comments('item'))).toBeGreaterThan(89 * 86_400);
});

test('a state that we set ourselves is known until it is forgotten', async () => {
  await using f = await pollStore();
  await f.redis.client.set(f.redis.keys.ownState('item'), 'review', 'PX', 60_000);
  expect(await f.polls.isOwnState('item', 'review')).toBe(true);
  expect(await f.polls.isOwnState('item', 'done')).toBe(false);
  await f.polls.forgetOwnState('item');
  expect(await f.polls.isOwnState('item', 'review')).toBe(false);
});

test('failures are counted until a poll succeeds, and their text is kept short', async () => {
  await using f = await pollStore();
  const health = () => f.redis.client.hgetall(f.redis.keys.pollHealth(PROJECT));
  await f.polls.recordFailure(PROJECT, 'status 500');
  await f.polls.recordFailure(PROJECT, 'x'.repeat(10_000));
  expect(await health()).toEqual({ failures: '2', error: 'x'.repeat(500) });
  await f.polls.recordSuccess(PROJECT, 'ACME', 5);
  expect(await health()).toEqual({ identifier: 'ACME', lastPollAt: '5', failures: '0', error: '' });
});
