import { expect, test } from 'vitest';
import { keysOf, redisFixture } from '../testing/index.ts';
import type { RedisHandle } from './connect.ts';
import { createWebhookStore } from './webhook-store.ts';

const PROJECT = 'project-1';
const GAP_MS = 60_000;

/** What the clock of Redis says, and a way to make it later: everything noted was so long ago. */
async function age({ client, keys }: RedisHandle, ms: number): Promise<void> {
  for (const key of [keys.webhooksHeard, keys.webhooksOwed])
    for (const member of await client.zrange(key, '0', '-1')) await client.zincrby(key, -ms, member);
}

const now = async ({ client }: RedisHandle): Promise<number> => Number((await client.time())[0]) * 1_000;

test('a delivery is known afterwards, and only for a while', async () => {
  await using redis = await redisFixture();
  const store = createWebhookStore(redis);
  expect(await store.judge('digest', PROJECT)).toEqual({ isRepeated: false, isWatched: false, planeUser: null });
  await store.noteDelivery('digest', 'item-1');
  await redis.client.sadd(redis.keys.projects, PROJECT);
  await redis.client.set(redis.keys.planeUser, 'bot');
  expect(await store.judge('digest', PROJECT)).toEqual({ isRepeated: true, isWatched: true, planeUser: 'bot' });
  expect(await redis.client.pttl(redis.keys.webhookSeen('digest'))).toBeGreaterThan(0);
  expect((await store.facts()).lastDeliveryAt).toBeGreaterThan((await now(redis)) - 60_000);
});

test('a change that a poll finds first counts once its delivery is overdue', async () => {
  await using redis = await redisFixture();
  const store = createWebhookStore(redis);
  const poll = (...found: string[]) => store.judgePoll(PROJECT, 1, found, GAP_MS);
  expect(await poll('item-1', 'item-2')).toMatchObject({ missed: 0, isMiss: false });
  expect(await poll('item-1')).toMatchObject({ missed: 0, isMiss: false });
  await age(redis, 11_000);
  expect(await poll('item-3')).toMatchObject({ missed: 1, isMiss: true });
  expect(await poll()).toMatchObject({ missed: 1, isMiss: false });
  await age(redis, 11_000);
  expect(await poll()).toMatchObject({ missed: 2, isMiss: true });
});

test('a delivery within the grace, or shortly before the poll, is none that was missed', async () => {
  await using redis = await redisFixture();
  const store = createWebhookStore(redis);
  await store.noteDelivery('before', 'item-1');
  await store.judgePoll(PROJECT, 1, ['item-1', 'item-2'], GAP_MS);
  await store.noteDelivery('after', 'item-2');
  await age(redis, 11_000);
  expect(await store.judgePoll(PROJECT, 1, [], GAP_MS)).toMatchObject({ missed: 0, isMiss: false });
});

test('a delivery long before the poll told of something else', async () => {
  await using redis = await redisFixture();
  const store = createWebhookStore(redis);
  await store.noteDelivery('long-ago', 'item-1');
  await age(redis, 90_000);
  await store.judgePoll(PROJECT, 1, ['item-1'], GAP_MS);
  await age(redis, 11_000);
  expect(await store.judgePoll(PROJECT, 1, [], GAP_MS)).toMatchObject({ missed: 1, isMiss: true });
});

test('what a poll finds after a downtime is held against nobody', async () => {
  await using redis = await redisFixture();
  const store = createWebhookStore(redis);
  const pollAt = (startedAt: number) => store.judgePoll(PROJECT, startedAt, ['item-1'], GAP_MS);
  await pollAt(GAP_MS + 1);
  await pollAt(2 * GAP_MS + 2);
  expect(await redis.client.exists(redis.keys.webhooksOwed)).toBe(0);
  await pollAt(3 * GAP_MS);
  expect(await redis.client.zcard(redis.keys.webhooksOwed)).toBe(1);
});

test('any delivery heals, and says what it has healed', async () => {
  await using redis = await redisFixture();
  const store = createWebhookStore(redis);
  await redis.client.hset(redis.keys.webhooks, 'missed', 7);
  expect(await store.noteDelivery('one', null)).toBe(7);
  expect(await store.noteDelivery('two', null)).toBe(0);
  expect(await store.facts()).toMatchObject({ missed: 0 });
});

test('a look is not needed when a poll began well after its delivery', async () => {
  await using redis = await redisFixture();
  const store = createWebhookStore(redis);
  const isPolled = () => store.isPolledSince(PROJECT, 'item-1');
  await store.judgePoll(PROJECT, (await now(redis)) + 10_000, [], GAP_MS);
  expect(await isPolled()).toBe(false);
  await store.noteDelivery('one', 'item-1');
  expect(await isPolled()).toBe(true);
  await store.judgePoll(PROJECT, (await now(redis)) + 1_000, [], GAP_MS);
  expect(await isPolled()).toBe(false);
});

test('the first look begins at once, the next when some time has passed', async () => {
  await using redis = await redisFixture();
  const store = createWebhookStore(redis);
  expect(await store.beginLook('item-1', 50_000)).toBe(0);
  expect(await store.beginLook('item-2', 50_000)).toBe(0);
  const waitMs = await store.beginLook('item-1', 50_000);
  expect(waitMs).toBeGreaterThan(0);
  expect(waitMs).toBeLessThanOrEqual(50_000);
});

test('what is kept of deliveries is bounded', async () => {
  await using redis = await redisFixture();
  const store = createWebhookStore(redis);
  await store.noteDelivery('one', 'item-1');
  await age(redis, 2 * 3_600_000);
  await store.noteDelivery('two', 'item-2');
  expect(await redis.client.zrange(redis.keys.webhooksHeard, '0', '-1')).toEqual(['item-2']);
  for (const key of await keysOf(redis.client, redis.prefix))
    if (key.includes('webhook:')) expect(await redis.client.pttl(key)).toBeGreaterThan(0);
});
