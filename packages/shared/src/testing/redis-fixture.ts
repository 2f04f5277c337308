import { randomBytes } from 'node:crypto';
import { afterAll, expect, vi } from 'vitest';
import { createLogger } from '../log.ts';
import { connectRedis, mastersOf, type RedisClient, type RedisHandle, type RedisSettings } from '../redis/index.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';

// Real servers answer here, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

/** Waits for a state. */
export const eventually = <Value>(read: () => Value) => expect.poll(read, { timeout: 28_000, interval: 10 });

export const silentLog = createLogger('test', 'silent');

let ownServer: Promise<RedisServer> | undefined;
afterAll(async () => {
  await (await ownServer)?.[Symbol.asyncDispose]();
  ownServer = undefined;
});

/** The Redis of REDIS_URL, else one of this test file alone. */
export async function redisUrl(): Promise<string> {
  if (process.env.REDIS_URL) return process.env.REDIS_URL;
  ownServer ??= startRedisServer();
  return (await ownServer).url;
}

export const randomPrefix = (): string => `test-${randomBytes(6).toString('hex')}`;

export type RedisFixtureOptions = Partial<RedisSettings> & { readonly patience?: 'wait' | 'fail' };

/** A connection, with a prefix of its own unless one is given; what was written under it is removed at the end. */
export async function redisFixture(options: RedisFixtureOptions = {}): Promise<RedisHandle> {
  const { patience = 'wait', prefix = randomPrefix(), ...given } = options;
  const place = given.url || given.sentinels || given.cluster ? given : { ...given, url: await redisUrl() };
  const handle = await connectRedis({ ...place, prefix, patience }, silentLog);
  return {
    ...handle,
    async [Symbol.asyncDispose]() {
      await removeKeys(handle.client, prefix);
      await handle[Symbol.asyncDispose]();
    },
  };
}

/** Every key of a prefix, whatever its hash tag. */
export async function keysOf(client: RedisClient, prefix: string): Promise<string[]> {
  const found = new Set<string>();
  for (const master of mastersOf(client))
    for (const tag of [`{${prefix}}:*`, `{${prefix}:*`]) {
      let cursor = '0';
      do {
        const [next, keys] = await master.scan(cursor, 'MATCH', tag, 'COUNT', 1_000);
        for (const key of keys) found.add(key);
        cursor = next;
      } while (cursor !== '0');
    }
  return [...found].sort();
}

async function removeKeys(client: RedisClient, prefix: string): Promise<void> {
  if (client.status !== 'ready') return; // the server was ended by its test
  for (const key of await keysOf(client, prefix)) await client.unlink(key);
}

/** Everything under a prefix, in an order of its own: two dumps are equal when nothing was written in between. */
export async function dump({ client, prefix }: RedisHandle): Promise<Record<string, unknown>> {
  const keys = await keysOf(client, prefix);
  const values = await Promise.all(keys.map(async (key) => [key, await read(client, key)] as const));
  return Object.fromEntries(values);
}

async function read(client: RedisClient, key: string): Promise<unknown> {
  const type = await client.type(key);
  if (type === 'hash') return client.hgetall(key);
  if (type === 'set') return (await client.smembers(key)).sort();
  if (type === 'zset') return client.zrange(key, '0', '-1', 'WITHSCORES');
  if (type === 'stream') return client.xrange(key, '-', '+');
  if (type === 'list') return client.lrange(key, 0, -1);
  return client.get(key);
}
