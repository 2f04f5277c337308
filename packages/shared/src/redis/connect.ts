import { Redis } from 'ioredis';
import { AppError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { batchWrites } from './batch-writes.ts';
import { createKeys, type Keys } from './keys.ts';

export interface RedisHandle extends AsyncDisposable {
  readonly client: Redis;
  readonly keys: Keys;
  readonly prefix: string;
}

export interface ConnectOptions {
  readonly url: string;
  readonly prefix: string;
  /**
   * `wait`: a command waits for Redis as long as it takes (consumers). `fail`: it fails after a moment, so that a
   * person who asked gets an answer (the api).
   */
  readonly patience: 'wait' | 'fail';
  /** How long a Redis that does not answer at first is waited for. */
  readonly startPatienceMs?: number;
}

/**
 * Connects and checks that this Redis may hold our state: version and eviction policy.
 *
 * @throws AppError REDIS_UNREACHABLE, REDIS_VERSION or REDIS_POLICY, each one line that says what to do
 */
export async function connectRedis(options: ConnectOptions, log: Logger): Promise<RedisHandle> {
  const { url, prefix, patience, startPatienceMs = START_PATIENCE_MS } = options;
  const client: Redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    maxRetriesPerRequest: patience === 'wait' ? null : 2,
    ...(patience === 'fail' ? { commandTimeout: 5_000 } : {}),
    retryStrategy: (times) => (leaving.has(client) ? null : Math.min(times * 50, 1_000)),
  });
  batchWrites(client);
  let lastError = '';
  client.on('error', (err) => {
    const text = messageOf(err) || 'connection refused';
    if (text !== lastError) log.warn({ err: text }, 'redis connection lost, trying again');
    lastError = text;
  });
  client.on('ready', () => {
    if (lastError) log.info('redis connection back');
    lastError = '';
  });
  try {
    await firstAnswer(client, url, startPatienceMs, () => lastError);
    checkServer(await client.info());
  } catch (err) {
    client.disconnect();
    throw err;
  }
  return { client, prefix, keys: createKeys(prefix), [Symbol.asyncDispose]: () => quit(client) };
}

const leaving = new WeakSet<Redis>();

/**
 * For a service that stops: commands that wait for a Redis which is away fail at the next try to connect, instead of
 * keeping the service until it is back. One that is there is not touched. (`disconnect` would leave them waiting.)
 */
export const stopWaiting = (client: Redis): void => void leaving.add(client);

const START_PATIENCE_MS = 10_000; // longer than a Redis that loads its AOF beside us at boot

async function firstAnswer(client: Redis, url: string, patienceMs: number, lastError: () => string): Promise<void> {
  const giveUp = AbortSignal.timeout(patienceMs);
  const { host } = new URL(url);
  void client.connect().catch(() => undefined); // ioredis goes on trying; `ready` or the time-out decides
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    giveUp.addEventListener('abort', () => {
      const said = lastError() || 'nothing answers';
      reject(new AppError('REDIS_UNREACHABLE', { why: `${said}, at ${host}; check redis.url` }));
    });
  });
}

/**
 * @param info what `INFO` answers
 * @throws AppError REDIS_VERSION, REDIS_POLICY
 */
export function checkServer(info: string): void {
  const version = /redis_version:(\d+)\.(\d+)/.exec(info);
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  if (major < 6 || (major === 6 && minor < 2))
    throw new AppError('REDIS_VERSION', { why: `this one is ${major}.${minor}; 6.2 or a Valkey is needed` });
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
  if (policy !== undefined && policy !== 'noeviction')
    throw new AppError('REDIS_POLICY', {
      why: `it is ${policy}; run: redis-cli config set maxmemory-policy noeviction`,
    });
}

async function quit(client: Redis): Promise<void> {
  if (client.status === 'ready') await client.quit().catch(() => client.disconnect());
  else client.disconnect();
}
