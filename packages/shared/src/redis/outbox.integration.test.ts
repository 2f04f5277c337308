import { expect, test } from 'vitest';
import { eventually, type StoreFixture, storeFixture, TICKET_ID, trigger } from '../testing/index.ts';

async function redisNow({ redis }: StoreFixture): Promise<number> {
  const [seconds, micros] = await redis.client.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

test('what is due is taken once, and again when the taker has not looked after it in time', async () => {
  await using f = await storeFixture();
  await f.store.commit({ ...f.decided(await f.store.load(TICKET_ID), trigger()), graceMs: 0 });
  const id = await f.openId('notify');
  const both = await Promise.all([f.store.takeDue(10, 10_000), f.store.takeDue(10, 10_000)]);
  expect(both.flat().map((item) => item.id)).toEqual([id]);
  const now = await redisNow(f);
  const due = Number(await f.redis.client.zscore(f.redis.keys.outbox, id));
  expect(due).toBeGreaterThan(now + 5_000);
  expect(due).toBeLessThanOrEqual(now + 10_000);
  await f.store.postpone(0, id);
  expect(await f.store.takeDue(10, 10_000)).toHaveLength(1);
});

test('no more is taken at a time than was asked for, the longest due first', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  for (let i = 1; i <= 5; i += 1) {
    await client.zadd(keys.outbox, i, `ACME-1-v1-${i}`);
    await client.hset(keys.effects, `ACME-1-v1-${i}`, '{}');
  }
  expect((await f.store.takeDue(2, 60_000)).map(({ id }) => id)).toEqual(['ACME-1-v1-1', 'ACME-1-v1-2']);
  expect(await f.store.takeDue(10, 60_000)).toHaveLength(3);
  expect(await f.store.takeDue(10, 60_000)).toEqual([]);
});

test('what is due goes back with the clock of Redis when that is set back, once', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  const [now, day, id] = [await redisNow(f), 86_400_000, 'ACME-1-v1-1'];
  // so it was by a clock that was a day ahead
  await client.set(keys.clock, now + day);
  await client.hset(keys.effects, id, '{}');
  await client.zadd(keys.outbox, now + day + 2_000, id);
  expect(await f.store.takeDue(10, 60_000)).toEqual([]);
  const due = async () => Number(await client.zscore(keys.outbox, id)) - (await redisNow(f));
  expect(await due()).toBeLessThan(2_100);
  await f.store.takeDue(10, 60_000);
  expect(await due()).toBeGreaterThan(0);
  await eventually(async () => (await f.store.takeDue(10, 60_000)).map((item) => item.id)).toEqual([id]);
});

test('an index entry without its item is dropped', async () => {
  await using f = await storeFixture();
  await f.redis.client.zadd(f.redis.keys.outbox, 1, 'ACME-1-v1-1');
  expect(await f.store.takeDue(10, 60_000)).toEqual([]);
  expect(await f.redis.client.zcard(f.redis.keys.outbox)).toBe(0);
});

test('an item that has got its outcome meanwhile does not come back by being postponed', async () => {
  await using f = await storeFixture();
  expect(await f.store.postpone(1_000, 'ACME-1-v1-1')).toBe(0);
  expect(await f.redis.client.exists(f.redis.keys.outbox)).toBe(0);
});

test('what is set aside leaves the outbox and is kept as it was', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  await client.zadd(keys.outbox, 1, 'ACME-1-v1-1');
  await client.hset(keys.effects, 'ACME-1-v1-1', 'not JSON');
  await f.store.setAside('ACME-1-v1-1', 'not JSON');
  expect(await client.exists(keys.outbox, keys.effects)).toBe(0);
  expect(await client.hgetall(keys.outboxBad)).toEqual({ 'ACME-1-v1-1': 'not JSON' });
});

test('an item that has left the outbox meanwhile is not set aside', async () => {
  await using f = await storeFixture();
  expect(await f.store.setAside('ACME-1-v1-1', '{}')).toBe(0);
  expect(await f.redis.client.exists(f.redis.keys.outboxBad)).toBe(0);
});
