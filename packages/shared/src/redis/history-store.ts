import { z } from 'zod';
import { HISTORY_MAX_MINUTES } from '../contracts/http/index.ts';
import { MINUTE_MS } from '../time.ts';
import type { RedisHandle } from './connect.ts';

const Count = z.number();
/** The installation as it was seen at one moment of a minute. */
export const HistoryPoint = z.object({
  /** When, ms by Redis's clock. */
  at: z.number(),
  /** By kind of queue, those of all pools and runners together; `done` and `undone` count since ever. */
  queues: z.record(z.string(), z.object({ waiting: Count, active: Count, failed: Count, done: Count, undone: Count })),
  tickets: z.object({ pending: Count, working: Count, waiting: Count, completed: Count, failed: Count }),
  /** Completions of agents since ever. */
  completions: Count,
  sessions: Count,
  slots: z.object({ used: Count, capacity: Count }),
  plane: z.object({ used: Count, limit: Count }),
});
export type HistoryPoint = z.output<typeof HistoryPoint>;

export const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS);
const slotOf = (minute: number): string => String(minute % HISTORY_MAX_MINUTES);

/**
 * A point for each minute of the last day. Each has a slot that it shares with the same minute of other days, so that
 * there are never more, whatever clocks and restarts do; a slot that was written on another day is a gap.
 */
export const createHistoryStore = ({ client, keys }: RedisHandle) => {
  const range = async (from: number, to: number): Promise<(HistoryPoint | null)[]> => {
    const minutes = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    if (minutes.length === 0) return [];
    const held = await client.hmget(keys.history, ...minutes.map(slotOf));
    return minutes.map((minute, index) => {
      const point = parse(held[index] ?? null);
      return point && minuteOf(point.at) === minute ? point : null;
    });
  };
  return {
    /** Both minutes included; null where nobody looked. */
    range,
    has: async (minute: number): Promise<boolean> => (await range(minute, minute))[0] !== null,
    async add(point: HistoryPoint): Promise<void> {
      await client.hset(keys.history, slotOf(minuteOf(point.at)), JSON.stringify(point));
    },
  };
};
export type HistoryStore = ReturnType<typeof createHistoryStore>;

function parse(held: string | null): HistoryPoint | null {
  try {
    return held === null ? null : (HistoryPoint.safeParse(JSON.parse(held)).data ?? null);
  } catch {
    return null; // what another release wrote, or nobody can read, is a gap
  }
}
