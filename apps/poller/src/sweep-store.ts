import { loadScript, type RedisHandle } from '@pco/shared/redis';
import { z } from 'zod';

const saveCursor = loadScript('save-cursor.lua', z.number());

/** A list of all work items in the making; it goes on where an earlier poll had to stop. */
const Sweep = z.object({
  kind: z.enum(['baseline', 'compare']),
  perPage: z.coerce.number(),
  /** Plane's, of the next page; "" after the last. */
  page: z.string(),
  /** Number of all, as the first page told it, and of those that came since. */
  total: z.coerce.number(),
  /** The newest row of the first page. */
  watermarkUs: z.coerce.number(),
  /** The oldest row that differs from what was seen; 0 for none. */
  differsUs: z.coerce.number(),
});
export type Sweep = z.output<typeof Sweep>;

const IDS_AT_ONCE = 1_000;

/** Lists of all work items in the making, and what they leave in doubt. */
export const createSweepStore = ({ client, keys }: RedisHandle) => ({
  async sweep(projectId: string): Promise<Sweep | null> {
    const fields = await client.hgetall(keys.sweep(projectId));
    return fields.perPage ? Sweep.parse(fields) : null;
  },

  /** @returns whether it was saved: only while the poll's lease is still its own */
  async saveSweep(projectId: string, token: string, sweep: Sweep, listed: readonly string[]): Promise<boolean> {
    const at = [keys.lease(`poll-${projectId}`), keys.sweep(projectId), keys.swept(projectId)];
    const fields = Object.entries(sweep).flat();
    const rows = listed.flatMap((id) => [id, '1']);
    return (await saveCursor(client, at, [token, fields.length / 2, ...fields, ...rows])) === 1;
  },

  /** Work items were first seen, or went, while a list is in the making. */
  async countInSweep(projectId: string, difference: number): Promise<void> {
    if (difference !== 0 && (await client.exists(keys.sweep(projectId))) === 1)
      await client.hincrby(keys.sweep(projectId), 'total', difference);
  },

  /** Notes those work items as in doubt that should be there and that the list has not shown. */
  async doubtUnlisted(projectId: string, known: AsyncIterable<readonly string[]>): Promise<number> {
    let count = 0;
    for await (const part of known) {
      if (part.length === 0) continue;
      const listed = await client.hmget(keys.swept(projectId), ...part);
      const missing = part.filter((_, i) => listed[i] === null);
      count += missing.length;
      if (missing.length > 0) await client.sadd(keys.doubts(projectId), ...missing);
    }
    return count;
  },

  async endSweep(projectId: string): Promise<void> {
    await client.del(keys.sweep(projectId), keys.swept(projectId));
  },

  /** Work items of which only a look of its own can say whether they are there, and how. */
  async doubts(projectId: string): Promise<string[]> {
    const [, ids] = await client.sscan(keys.doubts(projectId), '0', 'COUNT', IDS_AT_ONCE);
    return ids;
  },
  async doubt(projectId: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await client.sadd(keys.doubts(projectId), ...ids);
  },
  async settle(projectId: string, id: string): Promise<void> {
    await client.srem(keys.doubts(projectId), id);
  },
});
export type SweepStore = ReturnType<typeof createSweepStore>;
