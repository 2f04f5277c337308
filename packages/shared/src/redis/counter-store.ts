import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';

/** Counters that every service adds to and that are read in one place, so that replicas neither split nor double them. */
export type CounterStore = ReturnType<typeof createCounterStore>;

const FLUSH_MS = 1_000; // what a killed process has not yet told is lost: these are no accounts

/**
 * Numbers of the whole installation under one name with its labels, `plane_api_calls_total poll 200`. What a commit
 * counts is in the commit itself; this is for what happens between commits.
 */
export function createCounterStore(redis: RedisClient, keys: Keys) {
  const waiting = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const counted = [...waiting];
    waiting.clear();
    await Promise.all(counted.map(([counter, by]) => redis.hincrbyfloat(keys.counters, counter, by)));
  };
  return {
    add(counter: string, by = 1): void {
      waiting.set(counter, (waiting.get(counter) ?? 0) + by);
      timer ??= setTimeout(() => void flush().catch(() => undefined), FLUSH_MS).unref(); // an outage: not counted
    },
    flush,
    async all(): Promise<ReadonlyMap<string, number>> {
      const found = await redis.hgetall(keys.counters);
      return new Map(Object.entries(found).map(([counter, text]) => [counter, Number(text)]));
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      if (redis.status === 'ready') await flush().catch(() => undefined);
    },
  };
}
