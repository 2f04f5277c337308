import { STATUSES, Ticket } from '@pco/shared/domain';
import { every } from '@pco/shared/engine';
import { AppError, messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import type { StoredTicket, TicketReader } from '@pco/shared/redis';
import { pause, SECOND_MS } from '@pco/shared/time';
import type { Feed } from '../feed.ts';
import { createTicketIndex, type TicketIndex } from './ticket-index.ts';
import { indexTicket } from './ticket-row.ts';

export type ModelState = 'current' | 'rebuilding' | 'interrupted';

/**
 * The tickets in the memory of this process, followed from the feed. It can be made again from Redis at any time, and
 * is whenever the feed cannot say that nothing was missed. Nobody is given a list that may be older than the question.
 */
export interface ReadModel extends AsyncDisposable {
  state(): ModelState;
  /**
   * Everything that had been committed, by whatever replica, before the call.
   *
   * @throws AppError LISTS_BEHIND while it is made anew, REDIS_UNREACHABLE
   */
  current(): Promise<TicketIndex>;
  /** Called after tickets changed; seldom more often than once a second. */
  onChange(listener: () => void): void;
}

const CHUNK = 200;
const BUILD_PATIENCE_MS = 5_000;
/** Tickets that change are read again so much later, unless somebody asks before: most change several times in a row. */
const LAZY_MS = 1_000;

export function openReadModel(feed: Feed, reader: TicketReader, log: Logger): ReadModel {
  const stop = new AbortController();
  const dirty = new Set<string>();
  const listeners = new Set<() => void>();
  let index: TicketIndex | null = null;
  let built = Promise.withResolvers<void>();
  let gaps = 0;
  let flushing: Promise<void> | undefined;

  const unfollow = feed.follow({
    batch(entries) {
      for (const { ticketId } of entries) dirty.add(ticketId);
    },
    gap() {
      gaps += 1;
      dirty.clear();
      if (index) built = Promise.withResolvers();
      index = null;
      building.now();
    },
  });

  const building = every(SECOND_MS, build, log, 'read model');
  const flushes = every(
    LAZY_MS,
    async () => void (index && dirty.size > 0 && (await flush())),
    log,
    'read model changes',
  );

  async function build(): Promise<void> {
    if (index) return;
    const begun = performance.now();
    // a feed that is not connected may have a gap that it does not know of yet
    if (!feed.isLive()) await feed.reach();
    const position = feed.position();
    const fresh = createTicketIndex();
    const gapsBefore = gaps;
    for (const status of STATUSES) {
      for await (const ids of reader.ids(status)) {
        for (let at = 0; at < ids.length; at += CHUNK) await take(fresh, ids.slice(at, at + CHUNK));
        if (stop.signal.aborted) return;
        if (gaps !== gapsBefore) return building.now();
      }
    }
    index = fresh;
    built.resolve();
    const ms = Math.round(performance.now() - begun);
    log.info({ event: 'read_model.built', tickets: fresh.size(), ms, position }, 'tickets read for the lists');
  }

  async function take(into: TicketIndex, ids: readonly string[]): Promise<void> {
    const stored = await reader.read(ids);
    for (const id of ids) {
      const ticket = stored.get(id);
      const parsed = ticket && parse(ticket);
      if (parsed) into.put(indexTicket(ticket, parsed));
      else into.remove(id);
    }
  }

  /** One record that cannot be read never hides the others. */
  function parse({ id, record }: StoredTicket): Ticket | undefined {
    try {
      return Ticket.parse(JSON.parse(record));
    } catch (err) {
      log.error({ ticketId: id, err: messageOf(err) }, 'ticket record is unreadable and left out of its list');
      return undefined;
    }
  }

  /** Reads again what has changed. Whoever joins a run finds its own changes in it: it goes on until none are left. */
  function flush(): Promise<void> {
    flushing ??= readAgain().finally(() => {
      flushing = undefined;
    });
    return flushing;
  }

  async function readAgain(): Promise<void> {
    const target = index;
    let hasChanged = false;
    while (target && target === index && dirty.size > 0) {
      const ids = [...dirty].slice(0, CHUNK);
      for (const id of ids) dirty.delete(id);
      try {
        await take(target, ids);
        hasChanged = true;
      } catch (err) {
        for (const id of ids) dirty.add(id);
        throw err;
      }
    }
    if (hasChanged) for (const listener of listeners) listener();
  }

  return {
    state() {
      if (!index) return 'rebuilding';
      return feed.isLive() ? 'current' : 'interrupted';
    },
    onChange: (listener) => void listeners.add(listener),
    async current() {
      for (;;) {
        await feed.reach();
        if (!index) await Promise.race([built.promise, pause(BUILD_PATIENCE_MS, stop.signal)]);
        if (!index) throw new AppError('LISTS_BEHIND', { why: 'the tickets are being read anew' });
        const target = index;
        if (dirty.size > 0 || flushing !== undefined) await flush().catch(unreachable);
        if (index === target) return target;
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      unfollow();
      await flushes[Symbol.asyncDispose]();
      await building[Symbol.asyncDispose]();
      await flushing?.catch(() => undefined);
    },
  };
}

/** What a read that Redis has not answered is told as. */
export const unreachable = (cause: unknown): never => {
  throw new AppError('REDIS_UNREACHABLE', { why: messageOf(cause) }, { cause });
};
