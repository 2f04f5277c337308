import { expect, test } from 'vitest';
import { z } from 'zod';
import { eventually, redisFixture } from '../testing/index.ts';
import type { RedisHandle } from './connect.ts';
import { createLeaseStore } from './lease-store.ts';
import { loadScript } from './script.ts';

const saveCursor = loadScript('save-cursor.lua', z.number());
const LONG_MS = 60_000;

const open = ({ client, keys }: RedisHandle) => createLeaseStore(client, keys);
/** A write as the poller makes it: refused when the token is not the lease's. */
const save = ({ client, keys }: RedisHandle, token: string | null, value: string) =>
  saveCursor(
    client,
    [keys.lease('poll-p'), keys.cursor('p'), keys.snapshot('p')],
    [token ?? '', 1, 'total', value, 'item-1', `{"seen":${value}}`],
  );

test('one owner at a time has a lease, and giving it back makes room', async () => {
  await using redis = await redisFixture();
  const leases = open(redis);
  const asked = await Promise.all(['a', 'b', 'c'].map((owner) => leases.hold('poll-p', owner, LONG_MS)));
  const held = asked.filter((lease) => lease !== null);
  expect(held).toHaveLength(1);
  await held[0]?.[Symbol.asyncDispose]();
  await using next = await leases.hold('poll-p', 'd', LONG_MS);
  expect(next?.token()).toBeTruthy();
});

test('tokens rise with every holder, also after a lease was given back', async () => {
  await using redis = await redisFixture();
  const leases = open(redis);
  const tokens: number[] = [];
  for (const owner of ['a', 'b', 'c']) {
    await using lease = await leases.hold('poll-p', owner, LONG_MS);
    tokens.push(Number(lease?.token()));
  }
  expect(tokens).toEqual(tokens.toSorted((x, y) => x - y));
  expect(new Set(tokens).size).toBe(3);
});

test('a lease outlives its time while its holder renews it, under the same token', async () => {
  await using redis = await redisFixture();
  await using lease = await open(redis).hold('poll-p', 'a', 300);
  const token = lease?.token();
  const key = redis.keys.lease('poll-p');
  let renewals = 0;
  let last = await redis.client.pttl(key);
  await eventually(async () => {
    const left = await redis.client.pttl(key);
    if (left > last) renewals += 1;
    last = left;
    return renewals;
  }).toBeGreaterThanOrEqual(5); // more than one lease long
  expect(lease?.token()).toBe(token);
  expect(await save(redis, token ?? null, '1')).toBe(1);
});

test('a write under the lease saves the cursor and what was seen', async () => {
  await using redis = await redisFixture();
  await using lease = await open(redis).hold('poll-p', 'a', LONG_MS);
  expect(await save(redis, lease?.token() ?? null, '7')).toBe(1);
  expect(await redis.client.hgetall(redis.keys.cursor('p'))).toEqual({ total: '7' });
  expect(await redis.client.hgetall(redis.keys.snapshot('p'))).toEqual({ 'item-1': '{"seen":7}' });
});

test('a holder that was overtaken can neither write nor give the lease of its successor back', async () => {
  await using redis = await redisFixture();
  const leases = open(redis);
  const stale = await leases.hold('poll-p', 'a', LONG_MS);
  const staleToken = stale?.token() ?? null;
  await redis.client.del(redis.keys.lease('poll-p')); // it expired while its process was frozen
  await using next = await leases.hold('poll-p', 'b', LONG_MS);
  expect(await save(redis, staleToken, '1')).toBe(0);
  expect(await redis.client.exists(redis.keys.cursor('p'), redis.keys.snapshot('p'))).toBe(0);
  await stale?.[Symbol.asyncDispose]();
  expect(await save(redis, next?.token() ?? null, '2')).toBe(1);
});

test('a holder learns that its lease is lost', async () => {
  await using redis = await redisFixture();
  const leases = open(redis);
  await using stale = await leases.hold('poll-p', 'a', 120);
  await redis.client.del(redis.keys.lease('poll-p'));
  await using _next = await leases.hold('poll-p', 'b', LONG_MS);
  await eventually(() => stale?.token()).toBeNull();
});

test('a lost lease stays lost, also when its next holder has come and gone', async () => {
  await using redis = await redisFixture();
  const leases = open(redis);
  await using stale = await leases.hold('poll-p', 'a', 120);
  const token = stale?.token();
  await redis.client.del(redis.keys.lease('poll-p')); // expired, and then:
  {
    await using _next = await leases.hold('poll-p', 'b', LONG_MS);
  }
  await eventually(() => stale?.token()).toBeNull();
  expect(await redis.client.get(redis.keys.leaseToken('poll-p'))).toBe(String(Number(token) + 1)); // only b took it
  expect(await save(redis, stale?.token() ?? null, '1')).toBe(0);
});

test('a lease whose holder is gone ends by itself', async () => {
  await using redis = await redisFixture();
  await using other = await redisFixture({ prefix: redis.prefix });
  const lease = await open(other).hold('poll-p', 'a', 150);
  other.client.disconnect(); // its renewals fail from now on
  await using heldNext = new AsyncDisposableStack();
  await eventually(async () => {
    const next = await open(redis).hold('poll-p', 'b', LONG_MS);
    if (next) heldNext.use(next);
    return next?.token();
  }).toBeTruthy();
  await lease?.[Symbol.asyncDispose](); // no error, though nobody hears it
});
