import { z } from 'zod';
import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';
import { loadScript } from './script.ts';

const Space = z.object({ totalMb: z.number(), freeMb: z.number() });

/** What a host has left. */
export const Measured = z.object({
  memory: Space,
  /** `load`: processes that want to run, average of a minute. */
  cpu: z.object({ cores: z.number(), load: z.number(), usedPercent: z.number() }),
  /** Of each place that sessions write to; the same disk may stand there twice. */
  disks: z.array(Space.extend({ of: z.string(), path: z.string() })),
});
export type Measured = z.output<typeof Measured>;

/** What a runner says of itself every few seconds. Fields that another version does not know may be missing. */
export const Heartbeat = z.object({
  /** Random id of the process. */
  instance: z.string(),
  host: z.string(),
  pid: z.number(),
  /** Of its data folder, which one process on a host works in at a time. */
  folder: z.string().optional(),
  capacity: z.number(),
  at: z.number(),
  /** Whose tickets it takes. */
  pools: z.array(z.string()).default([]),
  labels: z.array(z.string()).default([]),
  versions: z.record(z.string(), z.string()).default({}),
  /** Its session-worker, and its terminal service as the api reaches it. */
  url: z.string().optional(),
  terminalUrl: z.string().optional(),
  /** As found a moment ago. */
  measured: Measured.optional(),
  /** Why it takes nothing just now. */
  refuses: z.object({ code: z.string(), why: z.string() }).nullish(),
});
export type Heartbeat = z.output<typeof Heartbeat>;

/** A runner as anybody may find it: without a heartbeat it is gone, or was never heard of by this name. */
export interface RunnerRecord {
  readonly id: string;
  readonly lastHeartbeatAt: number;
  readonly heartbeat: Heartbeat | null;
  /** Slots that tickets hold on it; they keep them while it is gone. */
  readonly used: number;
}

const beatRunner = loadScript('beat-runner.lua', z.tuple([z.literal([0, 1]), z.string()]));
const endRunner = loadScript('end-runner.lua', z.number());

/** Who is which runner. An id belongs to one process at a time. */
export const createRunnerStore = (redis: RedisClient, keys: Keys) => {
  const read = async (id: string, lastHeartbeatAt: number): Promise<RunnerRecord> => {
    const [held, used] = await Promise.all([redis.get(keys.runner(id)), redis.scard(keys.slots(`slots:runner:${id}`))]);
    return { id, lastHeartbeatAt, heartbeat: held === null ? null : parse(held), used };
  };
  return {
    /**
     * Registers the runner or keeps it registered, in one step with the check that nobody else has its id.
     *
     * @param dead instance of a process that is known to have ended, whose id is taken over
     * @returns the heartbeat of whoever has the id, or null when it is ours
     */
    async beat(
      id: string,
      heartbeat: Heartbeat,
      expiryMs: number,
      dead = '',
    ): Promise<Heartbeat | 'unreadable' | null> {
      const args = [heartbeat.instance, JSON.stringify(heartbeat), expiryMs, id, dead, heartbeat.terminalUrl ?? ''];
      const [isOurs, held] = await beatRunner(redis, [keys.runner(id), keys.runners, keys.runnerTerminals], args);
      return isOurs === 1 ? null : (parse(held) ?? 'unreadable');
    },
    /** Gives the id back, if it is still ours. */
    async end(id: string, instance: string): Promise<void> {
      await endRunner(redis, [keys.runner(id)], [instance]);
    },
    /** Nobody waits for it any more. One that comes back is known again. */
    async forget(id: string): Promise<void> {
      await Promise.all([redis.hdel(keys.runners, id), redis.hdel(keys.runnerTerminals, id)]);
    },
    /** Where its terminals are, also while its session-worker is away; null when it never said. */
    terminalUrl: (id: string): Promise<string | null> => redis.hget(keys.runnerTerminals, id),
    /** Every runner that was ever heard of, by name. */
    async all(): Promise<RunnerRecord[]> {
      const known = Object.entries(await redis.hgetall(keys.runners)).sort(([a], [b]) => a.localeCompare(b));
      return Promise.all(known.map(([id, at]) => read(id, Number(at))));
    },
    /** @returns null for a name that nobody has ever had */
    async get(id: string): Promise<RunnerRecord | null> {
      const at = await redis.hget(keys.runners, id);
      return at === null ? null : read(id, Number(at));
    },
  };
};
export type RunnerStore = ReturnType<typeof createRunnerStore>;

function parse(held: string): Heartbeat | null {
  try {
    return Heartbeat.safeParse(JSON.parse(held)).data ?? null;
  } catch {
    return null;
  }
}
