import type { Redis } from 'ioredis';
import { AppError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { watchCandidates } from './candidates.ts';
import { mastersOf, type RedisClient } from './client.ts';
import { createKeys, type Keys } from './keys.ts';
import { openClient } from './open-client.ts';
import { createReplicas, type Replicas } from './replicas.ts';
import { keyOfPlace, placeOf, type RedisSettings, replicasToWaitFor } from './target.ts';

export interface RedisHandle extends AsyncDisposable {
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly prefix: string;
  readonly replicas: Replicas;
}

export interface ConnectOptions extends RedisSettings {
  /**
   * `wait`: a command waits for Redis as long as it takes (consumers). `fail`: it fails after a moment, so that a
   * person who asked gets an answer (the api).
   */
  readonly patience: 'wait' | 'fail';
  /** How long a Redis that does not answer at first is waited for. */
  readonly startPatienceMs?: number;
}

/**
 * Connects and checks that this Redis may hold our state: version and eviction policy of every master.
 *
 * @throws AppError REDIS_UNREACHABLE, REDIS_VERSION or REDIS_POLICY, each one line that says what to do
 */
export async function connectRedis(options: ConnectOptions, log: Logger): Promise<RedisHandle> {
  const { prefix, patience, startPatienceMs = START_PATIENCE_MS } = options;
  const isLeaving = () => leaving.has(client);
  const client: RedisClient = openClient(options, patience, isLeaving);
  const lastError = reportOutages(client, log);
  const keys = createKeys(prefix);
  const candidates = watchCandidates(client, keys.kept, options, log);
  try {
    await firstAnswer(client, options, startPatienceMs, lastError);
    for (const master of mastersOf(client)) checkServer(await master.info());
    const count = replicasToWaitFor(options);
    await candidates.look();
    const replicas = createReplicas({ client, key: keys.kept, count, candidates, patience, isLeaving, log });
    return {
      ...{ client, prefix, keys, replicas },
      async [Symbol.asyncDispose]() {
        candidates[Symbol.dispose]();
        await quit(client);
      },
    };
  } catch (err) {
    candidates[Symbol.dispose]();
    client.disconnect();
    throw err;
  }
}

/** Asks the server that has the tickets, and every other master. */
export async function pingRedis({ client, keys }: RedisHandle): Promise<string> {
  await client.exists(keys.kept); // in a cluster of which that master is away the others still answer
  const answers = await Promise.all(mastersOf(client).map((master) => master.ping()));
  return answers.every((answer) => answer === 'PONG') ? 'PONG' : 'no answer';
}

/**
 * Each cause of an outage once, and its end.
 *
 * @returns what was said last
 */
function reportOutages(client: RedisClient, log: Logger): () => string {
  const said = new Set<string>();
  let last = '';
  const note = (err: unknown) => {
    last = causeOf(err) || 'connection refused';
    if (!said.has(last)) log.warn({ err: last }, 'redis connection lost, trying again');
    said.add(last);
  };
  const isBack = () => {
    if (said.size > 0) log.info('redis connection back');
    said.clear();
    last = '';
  };
  client.on('error', note);
  client.on('ready', isBack);
  // one node of a cluster; the others may answer all the time
  client.on('node error', note);
  client.on('+node', (node: Redis) => node.once('ready', isBack));
  return () => last;
}

/** A cluster of which no node answers says so, and what the last of them said. */
const causeOf = (err: unknown): string =>
  err instanceof Error && 'lastNodeError' in err && err.lastNodeError ? messageOf(err.lastNodeError) : messageOf(err);

const leaving = new WeakSet<RedisClient>();

/**
 * For a service that stops: commands that wait for a Redis which is away fail at the next try to connect, instead of
 * keeping the service until it is back. One that is there is not touched. (`disconnect` would leave them waiting.)
 */
export const stopWaiting = (client: RedisClient): void => void leaving.add(client);

const START_PATIENCE_MS = 10_000; // longer than a Redis that loads its AOF beside us at boot

async function firstAnswer(
  client: RedisClient,
  settings: RedisSettings,
  patienceMs: number,
  lastError: () => string,
): Promise<void> {
  const giveUp = AbortSignal.timeout(patienceMs);
  void client.connect().catch(() => undefined); // ioredis goes on trying; `ready` or the time-out decides
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    giveUp.addEventListener('abort', () => {
      const said = lastError() || 'nothing answers';
      const why = `${said}, at ${placeOf(settings)}; check ${keyOfPlace(settings)}`;
      reject(new AppError('REDIS_UNREACHABLE', { why }));
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

async function quit(client: RedisClient): Promise<void> {
  if (client.status === 'ready') await client.quit().catch(() => client.disconnect());
  else client.disconnect();
}
