import { z } from 'zod';
import {
  type Change,
  FINAL,
  type Loaded,
  OutboxItem,
  RECORD_MAX_BYTES,
  STATUSES,
  type Status,
  sessionLives,
  Ticket,
  type TicketEvent,
  tallyOf,
} from '../domain/index.ts';
import { AppError } from '../errors.ts';
import { DAY_MS } from '../time.ts';
import type { RedisClient } from './client.ts';
import { EVENTS_MAX } from './event-stream.ts';
import type { Keys } from './keys.ts';
import { noReplicas, type Replicas } from './replicas.ts';
import { loadScript } from './script.ts';

const Version = z.coerce.number().int().nonnegative();
const Millis = z.coerce.number();
const OrNull = z.string().nullable();

const loadTicket = loadScript('load.lua', z.tuple([Version, OrNull, OrNull, Millis]));
const commitTicket = loadScript('commit.lua', z.tuple([z.literal([0, 1, 2, 3, 4]), z.string(), OrNull, Millis]));
const takeDue = loadScript('take-due.lua', z.array(z.string()));
const postponeItem = loadScript('postpone.lua', z.number());
const setAsideItem = loadScript('set-aside.lua', z.number());
const purgeTicket = loadScript('purge.lua', z.number());

/** How long a repeated event is recognised. */
const SEEN_MS = 30 * DAY_MS;
const LIST_CHUNK = 200; // so many reads at a time
const LOG_MAX = 1_000;

export interface LoadedNow extends Loaded {
  /** Time of Redis, ms. */
  readonly now: number;
}

export type Commit =
  | { readonly kind: 'committed'; readonly version: number; readonly streamId: string; readonly now: number }
  | { readonly kind: 'lost'; readonly loaded: LoadedNow }
  | { readonly kind: 'seen'; readonly loaded: LoadedNow }
  | { readonly kind: 'full'; readonly set: string }
  | { readonly kind: 'taken'; readonly ticketId: string };

export interface CommitInput {
  readonly base: Loaded;
  readonly change: Change;
  readonly event: TicketEvent;
  /** Whether a repeat of the event's id is to be recognised. */
  readonly once: boolean;
  /** How long the opener has to send the jobs before a sweep does. */
  readonly graceMs: number;
}

/**
 * The tickets and their outbox. The only writer of ticket state is `commit`.
 *
 * @param replicas who must have a commit before it counts
 */
export const createTicketStore = (redis: RedisClient, keys: Keys, replicas: Replicas = noReplicas) => {
  const { parse, remember } = createRecordParser();
  const load = async (id: string): Promise<LoadedNow> => {
    const [version, record, , now] = await loadTicket(redis, [keys.ticket(id), keys.versionFloor], ['0']);
    return { version, ticket: parse(id, record), now };
  };
  return {
    load,

    /**
     * Whether what was read before the call will outlive this master. Somebody who is told that it is so is not to find
     * it undone.
     *
     * @throws AppError REDIS_NOT_REPLICATED
     */
    isKept: (): Promise<boolean> => replicas.keepRead(),

    /** Of a ticket that is there. */
    async version(id: string): Promise<number | null> {
      const version = await redis.hget(keys.ticket(id), 'version');
      return version === null ? null : Number(version);
    },

    async loadWithBody(id: string): Promise<LoadedNow & { body: string }> {
      const [version, record, body, now] = await loadTicket(redis, [keys.ticket(id), keys.versionFloor], ['1']);
      return { version, ticket: parse(id, record), body: body ?? '', now };
    },

    /**
     * One whose master was replaced before a replica had it may be lost with that master: it counts as a lost race, to
     * be decided again on what there is now.
     *
     * @throws AppError TICKET_TOO_LARGE, REDIS_NOT_REPLICATED
     */
    async commit({ base, change, event, once, graceMs }: CommitInput): Promise<Commit> {
      const { ticket, record, joins, leaves, opens, closes } = change;
      if (Buffer.byteLength(record) > RECORD_MAX_BYTES) throw new AppError('TICKET_TOO_LARGE', { ticketId: ticket.id });
      const mark = replicas.mark();
      const [code, first, second, now] = await commitTicket(
        redis,
        [
          keys.ticket(ticket.id),
          keys.byWorkItem,
          keys.seen(event.id),
          keys.events,
          keys.log(ticket.id),
          keys.outbox,
          keys.effects,
          keys.status(base.ticket?.status ?? ticket.status),
          keys.status(ticket.status),
          keys.versionFloor,
          ...joins.map(({ set }) => keys.slots(set)),
          ...leaves.map((set) => keys.slots(set)),
          keys.counters,
        ],
        [
          base.version,
          ticket.id,
          ticket.workItem.uuid,
          ticket.status,
          ticket.statusSince,
          record,
          change.body === undefined ? '' : change.body || ' ', // "" means keep
          eventEntry(event, base.ticket, ticket),
          once ? SEEN_MS : 0,
          EVENTS_MAX,
          LOG_MAX,
          graceMs,
          joins.length,
          leaves.length,
          opens.length,
          closes.length,
          ...joins.map(({ max }) => String(max)),
          ...opens.flatMap(({ item, delayMs }) => [item.id, JSON.stringify(item), String(delayMs)]),
          ...closes,
          ...tallyOf(base.ticket, event, ticket).flatMap(([counter, by]) => [counter, String(by)]),
        ],
      );
      switch (code) {
        case 1:
          if (!(await replicas.keep(mark))) return { kind: 'lost', loaded: await load(ticket.id) };
          remember(ticket.id, record);
          return { kind: 'committed', version: Number(first), streamId: second ?? '', now };
        case 3:
          return { kind: 'full', set: joins[Number(first) - 1]?.set ?? '' };
        case 4:
          return { kind: 'taken', ticketId: first };
        default: {
          const loaded = { version: Number(first), ticket: parse(ticket.id, second), now };
          return { kind: code === 2 ? 'seen' : 'lost', loaded };
        }
      }
    },

    /** The ticket of a work item, if it has one. */
    ticketOf: (workItem: string): Promise<string | null> => redis.hget(keys.byWorkItem, workItem),

    /**
     * Tickets of one status, those longest in it first.
     *
     * @param onUnreadable told of a record that does not parse: one of those must not hide all the others
     */
    async list(status: Status, onUnreadable: (ticketId: string) => void = () => undefined): Promise<Ticket[]> {
      const ids = await redis.zrange(keys.status(status), '0', '-1');
      const tickets: Ticket[] = [];
      const read = async (id: string) => {
        const record = await redis.hget(keys.ticket(id), 'record');
        try {
          return parse(id, record);
        } catch {
          onUnreadable(id);
          return null;
        }
      };
      for (let at = 0; at < ids.length; at += LIST_CHUNK) {
        const found = await Promise.all(ids.slice(at, at + LIST_CHUNK).map(read));
        for (const ticket of found) if (ticket?.status === status) tickets.push(ticket);
      }
      return tickets;
    },

    /** Whether an event of that id was committed, within the time that ids are remembered. */
    hasSeen: async (eventId: string): Promise<boolean> => (await redis.exists(keys.seen(eventId))) === 1,

    /** Ids of the tickets that have been in that status since before a moment, oldest first. */
    async olderThan(status: Status, beforeMs: number, limit: number): Promise<string[]> {
      return redis.zrangebyscore(keys.status(status), '-inf', beforeMs, 'LIMIT', 0, limit);
    },

    bodyOf: (id: string): Promise<string | null> => redis.hget(keys.ticket(id), 'body'),

    /** What happened to a ticket, oldest first, as far back as its log reaches. */
    async history(id: string): Promise<{ id: string; at: number; event: unknown }[]> {
      const entries = await redis.xrange(keys.log(id), '-', '+');
      return entries.map(([streamId, fields]) => {
        const event: unknown = JSON.parse(fields[fields.indexOf('event') + 1] ?? 'null');
        return { id: streamId, at: Number(streamId.split('-', 1)[0]), event };
      });
    },

    async counts(): Promise<Record<Status, number>> {
      const entries = STATUSES.map(async (status) => [status, await redis.zcard(keys.status(status))] as const);
      // fromEntries forgets that every status is there
      return Object.fromEntries(await Promise.all(entries)) as Record<Status, number>;
    },

    /** Forgets a finished ticket at the version that was read, unless it still has a slot or an effect to be done. */
    async purge({ version, ticket }: Loaded): Promise<boolean> {
      if (!ticket || !FINAL.has(ticket.status) || sessionLives(ticket) || Object.keys(ticket.open).length > 0)
        return false;
      const { id, status, workItem } = ticket;
      const at = [keys.ticket(id), keys.byWorkItem, keys.status(status), keys.versionFloor, keys.log(id), keys.events];
      const event = JSON.stringify({ type: 'ticket.forgotten', from: status, to: null });
      return (await purgeTicket(redis, at, [id, workItem.uuid, version, status, event, EVENTS_MAX])) === 1;
    },

    /** Nothing that may be lost with its master. */
    async takeDue(limit: number, leaseMs: number): Promise<{ id: string; json: string }[]> {
      const mark = replicas.mark();
      const [, ...flat] = await takeDue(redis, [keys.outbox, keys.effects, keys.clock], [limit, leaseMs]);
      if (flat.length > 0 && !(await replicas.keep(mark))) return [];
      return flat.flatMap((id, i) => (i % 2 === 0 ? [{ id, json: flat[i + 1] ?? '' }] : []));
    },

    postpone: (ms: number, ...effectIds: readonly string[]): Promise<number> =>
      postponeItem(redis, [keys.outbox], [ms, ...effectIds]),

    setAside: (effectId: string, json: string): Promise<number> =>
      setAsideItem(redis, [keys.outbox, keys.effects, keys.outboxBad], [effectId, json]),
  };
};
export type TicketStore = ReturnType<typeof createTicketStore>;

/** @returns null when the text is no outbox item */
export function readOutboxItem(json: string): OutboxItem | null {
  try {
    return OutboxItem.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}

/** So many of the newest records that this process wrote: most of what it reads is one of them. */
const WRITTEN_MAX = 500;

function createRecordParser() {
  const written = new Map<string, string>();
  return {
    remember(id: string, record: string): void {
      written.delete(id); // to the end: the oldest is forgotten first
      written.set(id, record);
      const [oldest] = written.size > WRITTEN_MAX ? written.keys() : [];
      if (oldest !== undefined) written.delete(oldest);
    },
    parse(id: string, record: string | null): Ticket | null {
      if (record === null) return null;
      try {
        const raw: unknown = JSON.parse(record);
        return written.get(id) === record ? (raw as Ticket) : Ticket.parse(raw); // as typed when it was written
      } catch (cause) {
        throw new AppError('STORED_RECORD_INVALID', { ticketId: id }, { cause });
      }
    },
  };
}

/** What the feed and the history keep of an event: no bodies, no hashes of tokens, and what became of the ticket. */
function eventEntry(event: TicketEvent, before: Ticket | null, ticket: Ticket): string {
  // most events have neither
  const {
    description: _,
    tokenHash: __,
    ...rest
  } = event as TicketEvent & { description?: string; tokenHash?: string };
  const { status: to, reason, session, attempt, stage } = ticket;
  const effect = 'effectId' in event ? before?.open[event.effectId]?.type : undefined;
  return JSON.stringify({
    ...rest,
    from: before?.status ?? null,
    to,
    reason,
    session: session?.id,
    attempt,
    stage,
    effect,
  });
}
