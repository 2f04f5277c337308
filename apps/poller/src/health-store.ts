import type { RedisHandle } from '@pco/shared/redis';
import type { HealthReason } from '@pco/shared/service';
import { HOUR_MS } from '@pco/shared/time';
import { z } from 'zod';

const Count = z.coerce.number().default(0);
const Noted = z.object({
  identifier: z.string().default(''),
  lastPollAt: Count,
  failures: Count,
  error: z.string().default(''),
  items: Count,
});
export type ProjectHealth = z.output<typeof Noted>;

/** A failure that stays is said again so often. */
const AGAIN_MS = HOUR_MS;

/** For `/health`, the lists and the metrics: a failing project must not look like an empty one (B-060). */
export const createHealthStore = ({ client, keys }: RedisHandle) => ({
  async health(projectId: string): Promise<ProjectHealth> {
    return Noted.parse(await client.hgetall(keys.pollHealth(projectId)));
  },

  /** @returns how many polls had failed before */
  async recordSuccess(projectId: string, identifier: string, at: number, items: number): Promise<number> {
    const key = keys.pollHealth(projectId);
    const failures = Number((await client.hget(key, 'failures')) ?? 0);
    await client.hset(key, { identifier, lastPollAt: at, failures: 0, error: '', saidAt: 0, items });
    return failures;
  },

  /** @returns whether that is news: another failure than before, or the same one for so long that it is said again */
  async recordFailure(projectId: string, error: string, at: number): Promise<boolean> {
    const key = keys.pollHealth(projectId);
    const text = error.slice(0, 500);
    const [before, saidAt] = await client.hmget(key, 'error', 'saidAt');
    const isNews = before !== text || Number(saidAt ?? 0) < at - AGAIN_MS;
    await client.hset(key, isNews ? { error: text, saidAt: at } : { error: text });
    await client.hincrby(key, 'failures', 1);
    return isNews;
  },

  async forget(projectId: string): Promise<void> {
    await client.del(keys.pollHealth(projectId));
  },
});
export type HealthStore = ReturnType<typeof createHealthStore>;

/** Projects that cannot be polled, each with the setting to change. */
export async function failingPolls(health: HealthStore, projects: ReadonlySet<string>): Promise<HealthReason[]> {
  const noted = await Promise.all([...projects].map((id) => health.health(id)));
  return noted
    .filter(({ failures }) => failures > 0)
    .map(({ identifier, error }) => ({ code: 'poll-failing', why: identifier ? `${identifier}: ${error}` : error }));
}
