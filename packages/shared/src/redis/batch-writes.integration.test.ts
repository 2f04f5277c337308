import type { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { eventually, redisFixture, redisUrl } from '../testing/index.ts';

test('what is said in one turn leaves in one packet, and is answered in order', async () => {
  await using redis = await redisFixture();
  const { client, keys } = redis;
  await client.ping();
  const uncork = vi.spyOn((client as Redis).stream, 'uncork');
  const said = Array.from({ length: 100 }, (_, i) => client.rpush(keys.installation, i));
  expect(await Promise.all(said)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  expect(uncork).toHaveBeenCalledTimes(1);
});

test('what comes up while an answer is awaited leaves after it', async () => {
  await using redis = await redisFixture();
  const { client, keys } = redis;
  const turns = Array.from({ length: 20 }, async (_, i) => {
    for (let wait = 0; wait < i; wait += 1) await new Promise((resolve) => setImmediate(resolve));
    return client.incr(keys.installation);
  });
  expect((await Promise.all(turns)).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

test('a connection that was cut goes on where it was', async () => {
  await using redis = await redisFixture();
  await using other = await redisFixture({ url: await redisUrl() });
  const { client, keys } = redis;
  const cut = async () => other.client.client('KILL', 'ID', String(await client.client('ID')));
  const said = Array.from({ length: 50 }, (_, i) => client.hset(keys.installation, `f${i}`, i));
  await cut();
  await Promise.all(said);
  const after = Array.from({ length: 50 }, (_, i) => client.hset(keys.installation, `g${i}`, i));
  await Promise.all(after);
  await eventually(() => client.hlen(keys.installation)).toBe(100);
});
