import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';

/** One commit, as the feed keeps it. */
export interface StreamEntry {
  readonly id: string;
  readonly ticketId: string;
  readonly version: number;
  /** Status after it; empty when the ticket was forgotten. */
  readonly status: string;
  /** What happened, as JSON. */
  readonly event: string;
}

/** Position before the first entry of an empty feed. */
export const STREAM_START = '0-0';

/** So many entries are kept for sure; Redis trims in blocks and so keeps some more. */
export const EVENTS_MAX = 20_000;

type Raw = [id: string, fields: string[]];

/**
 * The feed of commits, read from positions. A position is the id of an entry, and holds as long as that entry is there:
 * one that was trimmed, never was, or was lost in a failover says that something may have been missed.
 */
export const createEventStream = (redis: RedisClient, keys: Keys) => {
  const holds = async (position: string): Promise<boolean> => {
    if (position === STREAM_START) return (await redis.xlen(keys.events)) < EVENTS_MAX; // nothing was ever trimmed
    return (await redis.xrange(keys.events, position, position)).length === 1;
  };
  return {
    /** The newest position. */
    async end(): Promise<string> {
      return (await redis.xrevrange(keys.events, '+', '-', 'COUNT', 1))[0]?.[0] ?? STREAM_START;
    },

    /** The oldest position that holds. */
    async start(): Promise<string> {
      return (await redis.xrange(keys.events, '-', '+', 'COUNT', 1))[0]?.[0] ?? STREAM_START;
    },

    holds,

    /** @returns null when the position does not hold */
    async after(position: string, limit: number): Promise<readonly StreamEntry[] | null> {
      if (position === STREAM_START && !(await holds(position))) return null;
      const from = position === STREAM_START ? '-' : position;
      const [first, ...rest] = await redis.xrange(keys.events, from, '+', 'COUNT', limit + 1);
      if (position === STREAM_START) return (first ? [first, ...rest] : []).map(entryOf);
      return first?.[0] === position ? rest.map(entryOf) : null;
    },

    /** Waits for what comes next; an empty answer when nothing did. For a connection of its own: it blocks. */
    async next(position: string, limit: number, blockMs: number): Promise<readonly StreamEntry[]> {
      const answer = await redis.xread('COUNT', limit, 'BLOCK', blockMs, 'STREAMS', keys.events, position);
      return (answer?.[0]?.[1] ?? []).map(entryOf);
    },
  };
};
export type EventStream = ReturnType<typeof createEventStream>;

/** As `commit.lua` and `purge.lua` write them. */
const entryOf = ([id, fields]: Raw): StreamEntry => ({
  id,
  ticketId: fields[1] ?? '',
  version: Number(fields[3] ?? 0),
  status: fields[5] ?? '',
  event: fields[7] ?? '{}',
});

const POSITION = /^\d{1,16}-\d{1,16}$/;
export const isPosition = (text: string): boolean => POSITION.test(text);

/** Below zero when the first is the older one. */
export function comparePositions(a: string, b: string): number {
  if (a === b) return 0;
  const [dashA, dashB] = [a.indexOf('-'), b.indexOf('-')];
  return (
    Number(a.slice(0, dashA)) - Number(b.slice(0, dashB)) || Number(a.slice(dashA + 1)) - Number(b.slice(dashB + 1))
  );
}
