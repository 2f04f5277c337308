import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Keys } from './keys.ts';
import { loadScript } from './script.ts';

export const Heartbeat = z.object({
  /** Random id of the process. */
  instance: z.string(),
  host: z.string(),
  pid: z.number(),
  capacity: z.number(),
  pool: z.string(),
  at: z.number(),
});
export type Heartbeat = z.output<typeof Heartbeat>;

const beatRunner = loadScript('beat-runner.lua', z.tuple([z.literal([0, 1]), z.string()]));
const endRunner = loadScript('end-runner.lua', z.number());

/** Who is which runner. An id belongs to one process at a time. */
export const createRunnerStore = (redis: Redis, keys: Keys) => ({
  /**
   * Registers the runner or keeps it registered, in one step with the check that nobody else has its id.
   *
   * @param dead instance of a process that is known to have ended, whose id is taken over
   * @returns the heartbeat of whoever has the id, or null when it is ours
   */
  async beat(id: string, heartbeat: Heartbeat, expiryMs: number, dead = ''): Promise<Heartbeat | 'unreadable' | null> {
    const args = [heartbeat.instance, JSON.stringify(heartbeat), expiryMs, id, dead];
    const [isOurs, held] = await beatRunner(redis, [keys.runner(id), keys.runners], args);
    if (isOurs === 1) return null;
    try {
      return Heartbeat.safeParse(JSON.parse(held)).data ?? 'unreadable';
    } catch {
      return 'unreadable';
    }
  },
  /** Gives the id back, if it is still ours. */
  async end(id: string, instance: string): Promise<void> {
    await endRunner(redis, [keys.runner(id)], [instance]);
  },
});
