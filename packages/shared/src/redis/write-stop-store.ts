import { z } from 'zod';
import type { RedisHandle } from './connect.ts';
import { redisNow } from './now.ts';

/** The scope of a stop that holds for every project. */
export const EVERYWHERE = 'all';

const Noted = z.object({ since: z.number(), project: z.string(), why: z.string() });

/** Plane refuses our writes, to one project or to all: they wait until it takes them again. */
export interface WriteStop extends z.output<typeof Noted> {
  /** A project's UUID, or `EVERYWHERE`. */
  readonly scope: string;
}

/** What all replicas of the plane-writer know of refused writes. */
export const createWriteStopStore = ({ client, keys }: RedisHandle) => ({
  /** @returns whether this is news: one of all replicas is told so */
  async stop(scope: string, { project, why }: Pick<WriteStop, 'project' | 'why'>): Promise<boolean> {
    const noted = JSON.stringify({ since: await redisNow({ client, keys }), project, why });
    return (await client.hsetnx(keys.writeStops, scope, noted)) === 1;
  },
  /** @returns whether there was such a stop, which one of all replicas is told */
  resume: async (scope: string): Promise<boolean> => (await client.hdel(keys.writeStops, scope)) === 1,
  async all(): Promise<WriteStop[]> {
    const found = await client.hgetall(keys.writeStops);
    return Object.entries(found).map(([scope, noted]) => ({ scope, ...Noted.parse(JSON.parse(noted)) }));
  },
  /** @returns 0 for the one who may try now whether the stop is over, else the ms until somebody may */
  async beginProbe(scope: string, apartMs: number): Promise<number> {
    const key = keys.writeProbe(scope);
    if ((await client.set(key, '1', 'PX', apartMs, 'NX')) === 'OK') return 0;
    return Math.max(1, await client.pttl(key));
  },
});
export type WriteStopStore = ReturnType<typeof createWriteStopStore>;
