import { coalesced } from '@pco/shared/coalesced';
import type { Ticket } from '@pco/shared/domain';
import { AppError, messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import {
  comparePositions,
  createEventStream,
  duplicateToFail,
  onCut,
  type RedisHandle,
  STREAM_START,
  type StreamEntry,
  type TicketStore,
} from '@pco/shared/redis';
import { pause } from '@pco/shared/time';

/** Who is told of everything that is committed, in order, without gap and without repetition. */
export interface Follower {
  batch(entries: readonly StreamEntry[]): void;
  /** Something may have been missed: the feed was trimmed under us, or Redis has lost the end of it. */
  gap?(position: string): void;
}

/** The feed of commits: one blocking read per process serves everybody who waits, reads lists or listens. */
export interface Feed extends AsyncDisposable {
  /** Up to where everybody was told. */
  position(): string;
  /** Whether it is connected, so that what is committed is told at once. */
  isLive(): boolean;
  follow(follower: Follower): () => void;
  subscribe(listener: (entry: StreamEntry) => void): () => void;
  /**
   * Waits until everybody was told of what had been committed, by whomever, before the call.
   *
   * @throws AppError REDIS_UNREACHABLE, LISTS_BEHIND
   */
  reach(): Promise<void>;
  /** Waits until the ticket satisfies `done`, at most so long; gives the ticket as it is then. */
  waitFor(ticketId: string, done: (ticket: Ticket | null) => boolean, timeoutMs: number): Promise<Ticket | null>;
}

const BLOCK_MS = 5_000;
const AT_ONCE = 500;
const BREATH_MS = 5; // several commits are then read at once, and nobody who waits notices
const RETRY_MS = 200;
const REACH_MS = 5_000;
/** A read that waits is answered at once when something was committed. */
const HUNG_MS = 2_000;

export async function openFeed(redis: RedisHandle, store: TicketStore, log: Logger): Promise<Feed> {
  // a read that its connection has lost is not sent again by itself: first we look whether our position still holds
  const blocking = duplicateToFail(redis.client, BLOCK_MS * 4);
  blocking.on('error', () => undefined); // the shared connection reports the same outage
  /** Between two reads, where no read fails of it: the next one would wait at a position that Redis may not have any more. */
  let wasCut = false;
  onCut(blocking, () => {
    wasCut = true;
  });
  const tail = createEventStream(blocking, redis.keys);
  const stream = createEventStream(redis.client, redis.keys);
  const followers = new Set<Follower>();
  const arrivals = new Set<() => void>();
  const stop = new AbortController();
  let position = await stream.end();
  let isLive = false;

  const arrived = () => {
    for (const tell of arrivals) tell();
  };

  /** Whether what comes next follows what was told; if not, everybody has to look anew from the present end. */
  async function anchor(): Promise<void> {
    wasCut = false;
    if (!(await tail.holds(position))) {
      position = await tail.end();
      log.warn({ event: 'feed.gap', position }, 'feed does not go on where it was, everything is read anew');
      for (const follower of followers) follower.gap?.(position);
    }
    isLive = true;
    arrived();
  }

  async function readOn(): Promise<void> {
    if (wasCut) return anchor();
    const entries = await tail.next(position, AT_ONCE, BLOCK_MS);
    const last = entries.at(-1);
    if (!last) return;
    // only who is that far behind can have been overtaken by the trimming
    if (entries.length === AT_ONCE && !(await tail.holds(position))) return anchor();
    position = last.id;
    for (const follower of followers) follower.batch(entries);
    arrived();
    await pause(BREATH_MS, stop.signal);
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await anchor();
        while (!stop.signal.aborted) await readOn();
      } catch (err) {
        isLive = false;
        if (stop.signal.aborted) return;
        log.debug({ err: messageOf(err) }, 'feed interrupted, trying again');
        await pause(RETRY_MS, stop.signal);
      }
    }
  }

  /** Resolves at the next arrival, or after so long; says whether there was one. */
  async function arrival(timeoutMs: number): Promise<boolean> {
    const wait = new AbortController();
    const tell = () => wait.abort();
    arrivals.add(tell);
    await pause(timeoutMs, wait.signal);
    arrivals.delete(tell);
    return wait.signal.aborted;
  }

  /** A server that hung was replaced, as the other connection knows already, or this one alone leads nowhere. */
  function connectAnew(): void {
    log.warn({ event: 'feed.hung', position }, 'feed is behind and its read says nothing, it is connected anew');
    isLive = false;
    blocking.disconnect(true);
  }

  const reach = coalesced(async () => {
    const end = await stream.end().catch((cause: unknown) => {
      throw new AppError('REDIS_UNREACHABLE', { why: messageOf(cause) }, { cause });
    });
    const deadline = performance.now() + REACH_MS;
    // behind the position: Redis has lost what we were told of, and the reader is about to notice
    while (end === STREAM_START ? position !== STREAM_START : comparePositions(position, end) < 0 || !isLive) {
      const left = deadline - performance.now();
      if (left <= 0 || stop.signal.aborted)
        throw new AppError('LISTS_BEHIND', { why: 'the feed is not read just now' });
      if (!(await arrival(Math.min(left, HUNG_MS))) && isLive) connectAnew();
    }
  });

  const follow: Feed['follow'] = (follower) => {
    followers.add(follower);
    return () => followers.delete(follower);
  };
  const subscribe: Feed['subscribe'] = (listener) => follow({ batch: (entries) => entries.forEach(listener) });
  const running = run();
  return {
    position: () => position,
    isLive: () => isLive,
    follow,
    subscribe,
    reach,
    async waitFor(ticketId, done, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        let woken = () => {};
        const change = new Promise<void>((resolve) => {
          woken = resolve;
        });
        // registered before loading: nothing that happens in between is missed
        const unsubscribe = follow({
          batch: (entries) => entries.some((entry) => entry.ticketId === ticketId) && woken(),
          gap: () => woken(),
        });
        try {
          const { ticket } = await store.load(ticketId);
          const left = deadline - performance.now();
          if (done(ticket) || left <= 0) return ticket;
          await Promise.race([change, pause(left, stop.signal)]);
          if (stop.signal.aborted) return ticket;
        } finally {
          unsubscribe();
        }
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      arrived();
      blocking.disconnect();
      await running;
    },
  };
}
