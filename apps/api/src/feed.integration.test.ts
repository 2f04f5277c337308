import type { RedisClient } from '@pco/shared/redis';
import { eventually, silentLog, startRedisServer } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { openFeed } from './feed.ts';
import { apiFixture } from './testing/api-fixture.ts';
import { freezingProxy } from './testing/freezing-proxy.ts';

test('a feed that is cut between two reads, while Redis loses what was told, begins anew and is not waited for in vain', async () => {
  await using redis = await startRedisServer();
  await using api = await apiFixture({}, undefined, { redis: { url: redis.url } });
  const { client, keys } = api.core.redis;
  await using feed = await openFeed(api.core.redis, api.core.store, silentLog);
  let gaps = 0;
  const told = { resolve: (_id: string) => {} };
  feed.follow({ batch: (entries) => told.resolve(entries.at(-1)?.id ?? ''), gap: () => (gaps += 1) });
  for (let round = 1; round <= 10; round++) {
    const heard = new Promise<string>((resolve) => {
      told.resolve = resolve;
    });
    await client.xadd(keys.events, '*', 'ticket', 'ACME-1', 'version', '1', 'status', 'pending', 'event', '{}');
    await heard; // it takes a breath now, and reads on then
    await client.pipeline().del(keys.events).call('CLIENT', 'KILL', 'TYPE', 'normal').exec();
    await feed.reach();
    expect(gaps).toBe(round);
  }
});

test('a feed whose connection leads nowhere any more is connected anew when a list needs it, and goes on without a gap', async () => {
  await using redis = await startRedisServer();
  await using proxy = await freezingProxy({ host: '127.0.0.1', port: redis.port });
  await using api = await apiFixture({}, undefined, { redis: { url: proxy.url } });
  const { client, keys } = api.core.redis;
  await using feed = await openFeed(api.core.redis, api.core.store, silentLog);
  const told: string[] = [];
  let gaps = 0;
  feed.follow({ batch: (entries) => told.push(...entries.map(({ id }) => id)), gap: () => (gaps += 1) });
  const commit = () =>
    client.xadd(keys.events, '*', 'ticket', 'ACME-1', 'version', '1', 'status', 'pending', 'event', '{}');
  const committed = [await commit()];
  await feed.reach();
  await eventually(() => readersIn(client)).not.toEqual([]);
  for (const port of await readersIn(client)) expect(proxy.freeze(port)).toBe(true);
  committed.push(await commit());
  await feed.reach();
  committed.push(await commit());
  await feed.reach();
  expect({ told, gaps }).toEqual({ told: committed, gaps: 0 });
});

/** The ports of connections that wait for what is committed. */
const readersIn = async (client: RedisClient): Promise<number[]> =>
  String(await client.call('CLIENT', 'LIST'))
    .split('\n')
    .filter((line) => line.includes('cmd=xread'))
    .map((line) => Number(/ addr=\S+:(\d+) /.exec(line)?.[1]));
