import type { Status } from '../domain/index.ts';
import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';

/** A ticket as it is stored, not parsed yet. */
export interface StoredTicket {
  readonly id: string;
  readonly version: number;
  readonly record: string;
  /** The description; only when it was asked for. */
  readonly body?: string;
}

const SCAN_COUNT = 500;

/** Reads many tickets without keeping Redis, or us, from other work for long. */
export const createTicketReader = (redis: RedisClient, keys: Keys) => ({
  /** Ids of one status, in parts. Every ticket that is in it throughout is among them, and possibly twice. */
  async *ids(status: Status): AsyncGenerator<readonly string[]> {
    let cursor = '0';
    do {
      const [next, flat] = await redis.zscan(keys.status(status), cursor, 'COUNT', SCAN_COUNT);
      yield flat.filter((_, index) => index % 2 === 0); // members alternate with their scores
      cursor = next;
    } while (cursor !== '0');
  },

  /** Those of the tickets that there are, by id. The caller keeps their number small. */
  async read(ids: readonly string[], options: { withBody?: boolean } = {}): Promise<Map<string, StoredTicket>> {
    const fields = options.withBody ? ['version', 'record', 'body'] : ['version', 'record'];
    const found = await Promise.all(ids.map((id) => redis.hmget(keys.ticket(id), ...fields)));
    const tickets = new Map<string, StoredTicket>();
    ids.forEach((id, index) => {
      const [version, record, body] = found[index] ?? [];
      if (version && record)
        tickets.set(id, { id, version: Number(version), record, ...(options.withBody ? { body: body ?? '' } : {}) });
    });
    return tickets;
  },
});
export type TicketReader = ReturnType<typeof createTicketReader>;
