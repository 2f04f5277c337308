import type { Config } from '@pco/shared/config';
import { type Status, Ticket } from '@pco/shared/domain';
import type { Starting } from '@pco/shared/engine';
import { messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import type { StoredTicket, TicketReader } from '@pco/shared/redis';
import { ticketView } from '../ticket-view.ts';
import { createBoundedCache } from './bounded-cache.ts';
import type { Surroundings } from './surroundings.ts';
import type { TicketIndex } from './ticket-index.ts';
import type { IndexedTicket } from './ticket-row.ts';

interface ListSpec {
  readonly statuses: readonly Status[];
  readonly holds?: (ticket: IndexedTicket) => boolean;
}

/** The documented lists (B-082, B-083): whole tickets, status by status, those longest in it first. */
const LISTS = {
  pending: { statuses: ['pending', 'failed'], holds: (ticket) => ticket.status === 'pending' || ticket.isPendingAgain },
  active: { statuses: ['approved', 'starting', 'active', 'waiting'] },
  completed: { statuses: ['completed', 'updating'] },
  failed: { statuses: ['failed', 'blocked'], holds: ({ isPendingAgain }) => !isPendingAgain },
} as const satisfies Record<string, ListSpec>;
export type ListName = keyof typeof LISTS;

export interface Lists {
  /** The tickets of a list as JSON, one by one. */
  rows(name: ListName): Promise<readonly string[]>;
  /** Any tickets as JSON, in their order; left out are those that have moved on since. */
  of(tickets: readonly IndexedTicket[]): Promise<readonly string[]>;
  /** The list, or its first so many, as JSON, ready to be sent. */
  json(name: ListName, limit?: number): Promise<Buffer>;
}

interface Kept {
  readonly version: number;
  readonly ticket: Starting;
  readonly json: string;
}

interface Sent {
  /** When it was looked at last; the same moment for all who asked together. */
  readonly now: Surroundings;
  readonly key: string;
  readonly answer: Buffer;
}

const CHUNK = 200;
/** So much text is kept ready; what is beyond is read again for each list. */
const KEPT_CHARS = 16_000_000;

export function createLists(
  around: () => Promise<Surroundings>,
  reader: TicketReader,
  config: Config,
  log: Logger,
): Lists {
  const kept = createBoundedCache<Kept>(KEPT_CHARS, ({ json }) => json.length);
  let keptOf: TicketIndex | undefined;
  const sent = new Map<ListName, Sent>();
  const lookAround = async (): Promise<Surroundings> => {
    const now = await around();
    if (now.index !== keptOf) kept.clear(); // a Redis that has lost its last commits gives their versions to others
    keptOf = now.index;
    return now;
  };

  /** Those of the index, each read only when it has changed since it was last listed. */
  async function views(tickets: readonly IndexedTicket[]): Promise<Kept[]> {
    const found = new Map<string, Kept>();
    const missing: string[] = [];
    for (const { id, version } of tickets) {
      const one = kept.get(id);
      if (one?.version === version) found.set(id, one);
      else missing.push(id);
    }
    for (let at = 0; at < missing.length; at += CHUNK) {
      const stored = await reader.read(missing.slice(at, at + CHUNK), { withBody: true });
      for (const [id, ticket] of stored) {
        const one = keep(ticket, config, log);
        if (!one) continue;
        found.set(id, one);
        kept.put(id, one);
      }
    }
    return tickets.flatMap(({ id, status }) => {
      const one = found.get(id);
      return one && one.ticket.status === status ? [one] : []; // one that has moved on since is in another list
    });
  }

  async function rowsOf(listed: readonly IndexedTicket[], { waits, starts, errors }: Surroundings): Promise<string[]> {
    return Promise.all(
      (await views(listed)).map(async ({ ticket, json }) => {
        const error = errors.get(ticket.workItem.projectId) ?? null;
        const write = ticket.status === 'updating' ? await (await waits())(ticket) : null;
        const start = ticket.status === 'approved' ? await (await starts())(ticket) : null;
        if (!error && !write && !start) return json;
        const parts = { waits_for: start, write_back_waits_for: write, project_error: error };
        return JSON.stringify({ ...JSON.parse(json), ...parts });
      }),
    );
  }

  return {
    async rows(name) {
      const now = await lookAround();
      return rowsOf(listOf(now.index, LISTS[name]), now);
    },

    of: async (tickets) => rowsOf(tickets, await lookAround()),

    async json(name, limit) {
      const now = await lookAround();
      if (limit !== undefined) return bufferOf(await rowsOf(listOf(now.index, LISTS[name]).slice(0, limit), now));
      const ready = sent.get(name);
      if (ready?.now === now) return ready.answer;
      const { index, errors } = now;
      const { statuses } = LISTS[name];
      const key = [...statuses.map((status) => index.revision(status)), ...errors.values()].join('|');
      if (ready?.key === key && ready.now.index === index) {
        sent.set(name, { ...ready, now });
        return ready.answer;
      }
      const listed = listOf(index, LISTS[name]);
      const answer = bufferOf(await rowsOf(listed, now));
      // for what a ticket waits changes without it
      if (listed.every(({ status }) => status !== 'updating' && status !== 'approved'))
        sent.set(name, { now, key, answer });
      return answer;
    },
  };
}

const bufferOf = (rows: readonly string[]): Buffer => Buffer.from(`[${rows.join(',')}]`);

const listOf = (index: TicketIndex, { statuses, holds }: ListSpec): IndexedTicket[] => {
  const tickets = statuses.flatMap((status) => index.inStatus(status));
  return holds ? tickets.filter(holds) : tickets;
};

/** @returns undefined for a record that cannot be read: one of those must not hide all the others */
function keep({ id, version, record, body = '' }: StoredTicket, { plane }: Config, log: Logger): Kept | undefined {
  try {
    const ticket = Ticket.parse(JSON.parse(record));
    const { status, open, workItem, stage } = ticket;
    const json = JSON.stringify(ticketView(ticket, body.trim(), plane));
    return { version, ticket: { status, open, workItem, stage }, json };
  } catch (err) {
    log.error({ ticketId: id, err: messageOf(err) }, 'ticket record is unreadable and left out of its list');
    return undefined;
  }
}
