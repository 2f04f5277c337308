import { createLeaseStore } from '@pco/shared/redis';
import { redisFixture } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { createPollStore, type Seen } from './poll-store.ts';

const PROJECT = 'project-1';
const CURSOR = {
  ...{ watermarkUs: 1_750_000_000_123_456, total: 3, baselineUs: 1_740_000_000_000_001 },
  ...{ polledAt: 1, sweptAt: 2, gap: -1, rereadUs: 4, rereadAt: 5 },
};
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

test('comments are known once they were read, also when there were none', async () => {
  await using f = await pollStore();
  expect(await f.polls.knownComments('item')).toEqual({ ids: new Set(), wereRead: false });
  await f.polls.rememberComments('item', []);
  expect(await f.polls.knownComments('item')).toEqual({ ids: new Set(), wereRead: true });
  await f.polls.rememberComments('item', ['1']);
  expect(await f.polls.knownComments('item')).toEqual({ ids: new Set(['1']), wereRead: true });
  expect(await f.redis.client.ttl(f.redis.keys.comments('item'))).toBeGreaterThan(89 * 86_400);
});

test('a cursor of an earlier version is read on, with nothing looked at yet', async () => {
  await using f = await pollStore();
  const { watermarkUs, total, baselineUs } = CURSOR;
  await f.redis.client.hset(f.redis.keys.cursor(PROJECT), { watermarkUs, total, baselineUs });
  const rest = { polledAt: 0, sweptAt: 0, gap: 0, rereadUs: 0, rereadAt: 0 };
  expect(await f.polls.cursor(PROJECT)).toEqual({ watermarkUs, total, baselineUs, ...rest });
});

test('all that should be there is listed in parts, without what is gone', async () => {
  await using f = await pollStore();
  const rows = new Map<string, Seen>(Array.from({ length: 5_000 }, (_, i) => [`item-${i}`, seen(i)]));
  rows.set('item-7', { ...seen(7), gone: true });
  rows.set('tricky', { ...seen(8), stateName: '"gone":true' });
  await f.polls.save(PROJECT, f.token, rows);
  const listed = (await Array.fromAsync(f.polls.known(PROJECT))).flat();
  expect(new Set(listed)).toEqual(new Set([...rows.keys()].filter((id) => id !== 'item-7')));
});

test('a state that we set ourselves is known until it is forgotten', async () => {
  await using f = await pollStore();
  await f.redis.client.set(f.redis.keys.ownState('item'), 'review', 'PX', 60_000);
  expect(await f.polls.isOwnState('item', 'review')).toBe(true);
  expect(await f.polls.isOwnState('item', 'done')).toBe(false);
  await f.polls.forgetOwnState('item');
  expect(await f.polls.isOwnState('item', 'review')).toBe(false);
});
