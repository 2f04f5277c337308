import type { Redis } from 'ioredis';
import { coalesced } from '../coalesced.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { pause } from '../time.ts';
import type { Candidates } from './candidates.ts';
import { isCluster, type RedisClient } from './client.ts';
import { masterOf } from './master-connection.ts';
import { replicasIn } from './replication.ts';

/** Over which connection, and so to which master, our keys were written at some moment; undefined without one. */
export type Mark = Redis['stream'] | undefined;

/**
 * A master that dies takes with it what no replica has yet, and one that was replaced while it hung what the replica
 * has not that took its place. So a decision counts only when every replica has it that could become master, and at
 * least so many: nobody is told of it before, and nothing follows from it.
 */
export interface Replicas {
  /** To be taken before the write. */
  mark(): Mark;
  /**
   * Waits until enough replicas have all that was written over this connection.
   *
   * @returns false when the connection is another one than at the mark: what was written may be lost
   * @throws AppError REDIS_NOT_REPLICATED when a person waits for it and it takes too long, or when we stop
   */
  keep(mark: Mark): Promise<boolean>;
  /** The same for what others have written and we have read. */
  keepRead(): Promise<boolean>;
  /** Writes until it is kept. For what may be written twice. */
  kept<Value>(write: () => Promise<Value>): Promise<Value>;
}

export interface ReplicasOptions {
  readonly client: RedisClient;
  /** Any key of the hash tag whose writes are waited for. */
  readonly key: string;
  /** At least so many; none at all with 0. */
  readonly count: number;
  readonly candidates: Candidates;
  readonly patience: 'wait' | 'fail';
  /** Whether nobody should be waited for any more. */
  readonly isLeaving: () => boolean;
  readonly log: Logger;
}

/** Other commands of this connection wait as long. */
const WAIT_MS = 500;
/** A replica that has not said for so long what it has is hung or cut off; whether it could become master others know. */
const LAG_SECONDS = 1;
/** Where all that follow have it, and others are wanted, nothing takes its time. */
const BREATH_MS = 50;
/** A person who asked is answered before the command itself gives up. */
const PATIENCE_MS = 4_000;

export const noReplicas: Replicas = {
  mark: () => undefined,
  keep: async () => true,
  keepRead: async () => true,
  kept: (write) => write(),
};

interface Asked {
  readonly have: number;
  readonly wanted: number;
  readonly asked: Mark;
  readonly isEnough: boolean;
}

export function createReplicas(options: ReplicasOptions): Replicas {
  const { client, key, count, candidates } = options;
  if (count === 0) return noReplicas;
  const nodeNow = masterFinder(client, key);
  const mark = (): Mark => {
    const node = nodeNow();
    return node?.status === 'ready' ? node.stream : undefined; // each connection has a stream of its own
  };
  let following = 0;
  // one wait for all who have written before it was sent
  const ask = coalesced(async (): Promise<Asked> => {
    const asked = mark();
    const wanted = Math.max(count, candidates.count(), following);
    const node = nodeNow();
    if (!node || !Number.isFinite(wanted)) return { have: 0, wanted, asked, isEnough: false };
    const [have, replication] = await Promise.all([node.wait(wanted, WAIT_MS), node.info('replication')]).catch(
      () => [0, ''] as const,
    );
    // `WAIT` counts and does not say who: only when all have it that answer, those have it that matter
    following = replicasIn(replication, LAG_SECONDS).length;
    const all = Math.max(count, candidates.count(), following);
    const isEnough = have >= all && (await candidates.areAmong(replication));
    return { have, wanted: all, asked, isEnough };
  });
  const keep = async (before: Mark): Promise<boolean> => {
    for (const began = performance.now(); ; await pause(BREATH_MS)) {
      if (before === undefined || mark() !== before) return false;
      const { have, wanted, asked, isEnough } = await ask();
      if (mark() !== before || asked !== before) return false;
      if (isEnough) return true;
      complainAfter(options, performance.now() - began, have, wanted);
      await candidates.look(); // one that is away is none any more
    }
  };
  const kept: Replicas['kept'] = async (write) => {
    for (;;) {
      const before = mark();
      const value = await write();
      if (await keep(before)) return value;
    }
  };
  return {
    mark,
    keep,
    kept,
    async keepRead() {
      const before = mark();
      await client.set(key, '1'); // after all that could be read, so that a wait for it is one for them
      return keep(before);
    },
  };
}

function complainAfter(options: ReplicasOptions, waitedMs: number, have: number, wanted: number): void {
  const { count, patience, isLeaving, log } = options;
  const why = whyNot(have, wanted, count);
  if (isLeaving() || (patience === 'fail' && waitedMs > PATIENCE_MS))
    throw new AppError('REDIS_NOT_REPLICATED', { why });
  log.debug({ why }, 'waiting for replicas of redis');
}

function whyNot(have: number, wanted: number, count: number): string {
  if (!Number.isFinite(wanted)) return 'the sentinels name another master';
  if (have >= wanted) return 'a replica that could become master does not follow the one there is';
  const which = wanted > count ? 'that could become master' : '(redis.wait_replicas)';
  return `${have} of ${wanted} replicas ${which} have what was decided`;
}

/** Finds the connection to whichever master has the key now. A cluster replaces it at every change. */
function masterFinder(client: RedisClient, key: string): () => Redis | undefined {
  if (!isCluster(client)) return () => client;
  return () => {
    const { host, port } = masterOf(client, key) ?? {};
    return client.nodes('all').find(({ options }) => options.host === host && options.port === port);
  };
}
