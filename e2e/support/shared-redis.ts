import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedisUnderTest } from './redis-under-test.ts';

/** One Redis for all integration tests; each test has its own prefix in it. */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.REDIS_URL) return async () => {};
  const dir = mkdtempSync(join(tmpdir(), 'pco-redis-'));
  const redis = await startRedisUnderTest(dir);
  process.env.REDIS_URL = redis.url;
  return async () => {
    await redis[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  };
}
