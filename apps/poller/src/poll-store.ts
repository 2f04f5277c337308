import { loadScript, type RedisHandle, redisNow } from '@pco/shared/redis';
import { DAY_SECONDS } from '@pco/shared/time';
import { z } from 'zod';

const saveCursor = loadScript('save-cursor.lua', z.number());

/** What the last look saw of a work item. */
const Seen = z.object({
  updatedUs: z.number(),
  stateId: z.string(),
  stateName: z.string().nullable(),
  /** Whether the filters with that fingerprint let it through. */
  passed: z.boolean().optional(),
  rule: z.string().optional(),
  assigned: z.boolean().optional(),
  /** Comments written until then are known. */
  commentsUs: z.number().optional(),
  /** Deleted, archived or moved away; one that comes back counts as new. */
  gone: z.literal(true).optional(),
});
export type Seen = z.output<typeof Seen>;

const Time = z.coerce.number().default(0);
/** How far a project was read. Times in ms are Redis's, those in µs Plane's. */
const Cursor = z.object({
  watermarkUs: z.coerce.number(),
  /** Work items there should be. */
  total: z.coerce.number(),
  /** Comments written before this are known without having been read. */
  baselineUs: z.coerce.number(),
  polledAt: Time,
  /** When all work items were last compared with Plane's. */
  sweptAt: Time,
  /** The difference of totals for which the work items of living sessions have been asked for. */
  gap: Time,
  /** What changed since is read once more at `rereadAt`: it may have become visible late. 0 for nothing. */
  rereadUs: Time,
  rereadAt: Time,
});
export type Cursor = z.output<typeof Cursor>;

const COMMENTS_SECONDS = 90 * DAY_SECONDS;
/** Stands for "these comments were read" in a set that would else be empty. */
const READ = '-';
/** Rows in one call: a script takes no more arguments than a stack holds, and blocks Redis while it runs. */
const ROWS_AT_ONCE = 2_000;

/** What the poller remembers, all of it in Redis. */
export const createPollStore = ({ client, keys }: RedisHandle) => ({
  /** ms, by the clock of Redis */
  async now(): Promise<number> {
    return redisNow({ client, keys });
  },

  async cursor(projectId: string): Promise<Cursor | null> {
    const fields = await client.hgetall(keys.cursor(projectId));
    return fields.watermarkUs ? Cursor.parse(fields) : null;
  },

  /** @returns what is remembered of each work item, in the same order */
  async seen(projectId: string, ids: readonly string[]): Promise<(Seen | null)[]> {
    if (ids.length === 0) return [];
    const raw = await client.hmget(keys.snapshot(projectId), ...ids);
    return raw.map((json) => (json === null ? null : (Seen.safeParse(JSON.parse(json)).data ?? null)));
  },

  /** Every work item that should be there, in parts. */
  async *known(projectId: string): AsyncGenerator<string[]> {
    let cursor = '0';
    do {
      const [next, flat] = await client.hscan(keys.snapshot(projectId), cursor, 'COUNT', ROWS_AT_ONCE);
      yield flat.filter((_, i) => i % 2 === 0 && !flat[i + 1]?.includes('"gone":true'));
      cursor = next;
    } while (cursor !== '0');
  },

  /**
   * Remembers what was handled. Only while the poll's lease is still its own: a poll that was overtaken must not put
   * the cursor back. The cursor goes last, so that a crash in between only makes rows be read again.
   *
   * @returns whether it was saved
   */
  async save(
    projectId: string,
    token: string,
    seen: ReadonlyMap<string, Seen>,
    cursor?: Partial<Cursor>,
  ): Promise<boolean> {
    const at = [keys.lease(`poll-${projectId}`), keys.cursor(projectId), keys.snapshot(projectId)];
    const put = async (fields: (string | number)[], rows: [string, Seen][]): Promise<boolean> => {
      const flat = rows.flatMap(([id, value]) => [id, JSON.stringify(value)]);
      return (await saveCursor(client, at, [token, fields.length / 2, ...fields, ...flat])) === 1;
    };
    const rows = [...seen];
    while (rows.length > ROWS_AT_ONCE) if (!(await put([], rows.splice(0, ROWS_AT_ONCE)))) return false;
    return put(cursor ? Object.entries(cursor).flat() : [], rows);
  },

  /** Ids that are known of a work item, and whether its comments were ever read. */
  async knownComments(workItem: string): Promise<{ ids: ReadonlySet<string>; wereRead: boolean }> {
    const ids = new Set(await client.smembers(keys.comments(workItem)));
    const wereRead = ids.size > 0;
    ids.delete(READ);
    return { ids, wereRead };
  },

  async rememberComments(workItem: string, ids: readonly string[]): Promise<void> {
    await client.sadd(keys.comments(workItem), READ, ...ids);
    await client.expire(keys.comments(workItem), COMMENTS_SECONDS);
  },

  /** Whether the plane-writer is about to set, or has set, that state; asked once per change. */
  async isOwnState(workItem: string, stateId: string): Promise<boolean> {
    return (await client.get(keys.ownState(workItem))) === stateId;
  },
  async forgetOwnState(workItem: string): Promise<void> {
    await client.del(keys.ownState(workItem));
  },
});
export type PollStore = ReturnType<typeof createPollStore>;
