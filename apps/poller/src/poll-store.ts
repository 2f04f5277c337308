import { loadScript, type RedisHandle } from '@pco/shared/redis';
import { DAY_SECONDS } from '@pco/shared/time';
import { z } from 'zod';

const saveCursor = loadScript('save-cursor.lua', z.number());

/** What the last poll saw of a work item. */
const Seen = z.object({ updatedUs: z.number(), stateId: z.string(), stateName: z.string().nullable() });
export type Seen = z.output<typeof Seen>;

/** How far a project was read. */
export interface Cursor {
  readonly watermarkUs: number;
  readonly total: number;
  /** Comments written before this are known without having been read. */
  readonly baselineUs: number;
}

const COMMENTS_SECONDS = 90 * DAY_SECONDS;
/** Rows in one call: a script takes no more arguments than a stack holds, and blocks Redis while it runs. */
const ROWS_AT_ONCE = 2_000;

/** What the poller remembers, all of it in Redis. */
export const createPollStore = ({ client, keys }: RedisHandle) => ({
  async cursor(projectId: string): Promise<Cursor | null> {
    const fields = await client.hgetall(keys.cursor(projectId));
    if (!fields.watermarkUs) return null;
    const number = z.coerce.number();
    return {
      watermarkUs: number.parse(fields.watermarkUs),
      total: number.parse(fields.total),
      baselineUs: number.parse(fields.baselineUs),
    };
  },

  /** @returns what is remembered of each work item, in the same order */
  async seen(projectId: string, ids: readonly string[]): Promise<(Seen | null)[]> {
    if (ids.length === 0) return [];
    const raw = await client.hmget(keys.snapshot(projectId), ...ids);
    return raw.map((json) => (json === null ? null : (Seen.safeParse(JSON.parse(json)).data ?? null)));
  },

  /**
   * Remembers what was handled. Only while the poll's lease is still its own: a poll that was overtaken must not put
   * the cursor back. The cursor goes last, so that a crash in between only makes rows be read again.
   *
   * @returns whether it was saved
   */
  async save(projectId: string, token: string, seen: ReadonlyMap<string, Seen>, cursor?: Cursor): Promise<boolean> {
    const at = [keys.lease(`poll-${projectId}`), keys.cursor(projectId), keys.snapshot(projectId)];
    const put = async (fields: (string | number)[], rows: [string, Seen][]): Promise<boolean> => {
      const flat = rows.flatMap(([id, value]) => [id, JSON.stringify(value)]);
      return (await saveCursor(client, at, [token, fields.length / 2, ...fields, ...flat])) === 1;
    };
    const rows = [...seen];
    while (rows.length > ROWS_AT_ONCE) if (!(await put([], rows.splice(0, ROWS_AT_ONCE)))) return false;
    return put(cursor ? Object.entries(cursor).flat() : [], rows);
  },

  /** @returns those of the ids that were not known */
  async unknownComments(workItem: string, ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const known = await client.smismember(keys.comments(workItem), ...ids);
    return new Set(ids.filter((_, i) => known[i] === 0));
  },

  async rememberComments(workItem: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await client.sadd(keys.comments(workItem), ...ids);
    await client.expire(keys.comments(workItem), COMMENTS_SECONDS);
  },

  countKnownComments: (workItem: string): Promise<number> => client.scard(keys.comments(workItem)),

  /** Whether the plane-writer is about to set, or has set, that state; asked once per change. */
  async isOwnState(workItem: string, stateId: string): Promise<boolean> {
    return (await client.get(keys.ownState(workItem))) === stateId;
  },
  async forgetOwnState(workItem: string): Promise<void> {
    await client.del(keys.ownState(workItem));
  },

  /** For `/health` and the lists: a failing project must not look like an empty one (B-060). */
  async recordSuccess(projectId: string, identifier: string, at: number): Promise<void> {
    await client.hset(keys.pollHealth(projectId), { identifier, lastPollAt: at, failures: 0, error: '' });
  },
  async recordFailure(projectId: string, error: string): Promise<void> {
    await client.hset(keys.pollHealth(projectId), 'error', error.slice(0, 500));
    await client.hincrby(keys.pollHealth(projectId), 'failures', 1);
  },
});
export type PollStore = ReturnType<typeof createPollStore>;
