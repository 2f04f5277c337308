import type { Redis } from 'ioredis';
import { AppError, messageOf } from '../errors.ts';
import { mastersOf, type RedisClient } from './client.ts';

/** A key in the form that Redis itself gives it (DUMP), which any newer Redis takes back (RESTORE). */
export interface SnapshotKey {
  readonly key: string;
  /** Milliseconds since 1970, by Redis's clock; 0 for never. */
  readonly expiresAt: number;
  readonly dump: Buffer;
}

export interface Snapshot {
  readonly keys: number;
  /** How long writers had to wait. */
  readonly pausedMs: number;
}

const SCAN_COUNT = 1_000;
const RESTORES_AT_ONCE = 500;

/**
 * All keys of a prefix as they were at one moment. Reads go on meanwhile; writes wait, on every node of a cluster, until
 * all is read. Redis itself lets them go on when our time is over, whatever becomes of us.
 *
 * @throws AppError SNAPSHOT_TOO_SLOW when the time was not enough; what `each` was given is then no snapshot
 */
export async function takeSnapshot(
  client: RedisClient,
  prefix: string,
  maxPauseMs: number,
  each: (key: SnapshotKey) => void,
): Promise<Snapshot> {
  const nodes = mastersOf(client);
  let keys = 0;
  const began = performance.now();
  const left = () => maxPauseMs - (performance.now() - began);
  try {
    for (const node of nodes) await node.client('PAUSE', Math.max(1, Math.ceil(left())), 'WRITE');
    for (const node of nodes)
      for await (const batch of readNode(node, prefix)) {
        if (left() <= 0) throw tooSlow(maxPauseMs);
        for (const key of batch) each(key);
        keys += batch.length;
      }
    return { keys, pausedMs: Math.round(performance.now() - began) };
  } finally {
    for (const node of nodes) await node.client('UNPAUSE');
  }
}

const tooSlow = (maxPauseMs: number): AppError =>
  new AppError('SNAPSHOT_TOO_SLOW', { why: `writers may wait for ${maxPauseMs} ms, and it took longer` });

/** Nothing is written meanwhile, so a scan meets each key; that it may meet one twice does no harm. */
async function* readNode(node: Redis, prefix: string): AsyncGenerator<SnapshotKey[]> {
  const [seconds, micros] = await node.time();
  const now = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  let coming: Promise<SnapshotKey[]> | undefined; // Redis reads on while we write
  for await (const keys of scanNode(node, prefix)) {
    const next = dumpAll(node, keys, now);
    next.catch(() => undefined); // told when its turn comes, unless we gave up before
    if (coming) yield await coming;
    coming = next;
  }
  if (coming) yield await coming;
}

async function dumpAll(node: Redis, keys: readonly string[], now: number): Promise<SnapshotKey[]> {
  const pipeline = node.pipeline();
  for (const key of keys) pipeline.dumpBuffer(key).pttl(key);
  const answers = (await pipeline.exec()) ?? [];
  return keys.flatMap((key, i): SnapshotKey[] => {
    const [[dumpError, dump] = [], [ttlError, ttl] = []] = answers.slice(2 * i, 2 * i + 2);
    if (dumpError ?? ttlError) throw dumpError ?? ttlError;
    if (!Buffer.isBuffer(dump)) return []; // it has just expired
    return [{ key, dump, expiresAt: Number(ttl) > 0 ? now + Number(ttl) : 0 }];
  });
}

/** `{pco}:…` holds tickets, `{pco:<queue>}:…` queues and budgets. A prefix has no character that means something here. */
const patternOf = (prefix: string): string => `{${prefix}[}:]*`;

/** How many keys there are, ours and others'. */
export async function countKeys(client: RedisClient): Promise<number> {
  const counts = await Promise.all(mastersOf(client).map((node) => node.dbsize()));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Whether any key of ours is there. */
export async function holdsKeys(client: RedisClient, prefix: string): Promise<boolean> {
  for (const node of mastersOf(client))
    for await (const keys of scanNode(node, prefix)) if (keys.length > 0) return true;
  return false;
}

export async function dropKeys(client: RedisClient, prefix: string): Promise<void> {
  for (const node of mastersOf(client))
    for await (const keys of scanNode(node, prefix)) await Promise.all(keys.map((key) => client.unlink(key)));
}

async function* scanNode(node: Redis, prefix: string): AsyncGenerator<string[]> {
  let cursor = '0';
  do {
    const [next, keys] = await node.scan(cursor, 'MATCH', patternOf(prefix), 'COUNT', SCAN_COUNT);
    cursor = next;
    yield keys;
  } while (cursor !== '0');
}

/**
 * Puts keys back. What has expired since the snapshot stays away: leases, locks of jobs, heartbeats.
 *
 * @throws AppError SNAPSHOT_REFUSED when this Redis does not understand them
 */
export async function loadSnapshot(
  client: RedisClient,
  keys: Iterable<SnapshotKey> | AsyncIterable<SnapshotKey>,
): Promise<number> {
  let loaded = 0;
  let batch: SnapshotKey[] = [];
  const flush = async () => {
    const answers = await Promise.allSettled(
      batch.map(({ key, expiresAt, dump }) => client.restore(key, expiresAt, dump, 'ABSTTL')),
    );
    const refused = answers.find((answer) => answer.status === 'rejected');
    if (refused) throw new AppError('SNAPSHOT_REFUSED', { why: messageOf(refused.reason) }, { cause: refused.reason });
    loaded += batch.length;
    batch = [];
  };
  for await (const key of keys) if (batch.push(key) >= RESTORES_AT_ONCE) await flush();
  await flush();
  return loaded;
}

/** Queues that somebody takes jobs from just now. BullMQ names the connections of its workers after them. */
export async function consumersOf(client: RedisClient, prefix: string): Promise<string[]> {
  const names = new Set<string>();
  for (const node of mastersOf(client))
    for (const [, queue = ''] of String(await node.client('LIST')).matchAll(namesOf(prefix))) names.add(queue);
  return [...names].sort();
}

const namesOf = (prefix: string): RegExp => new RegExp(` name=\\{${prefix}:([a-z-]+)\\}:`, 'g');
