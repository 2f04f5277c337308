import type { Ticket } from '@pco/shared/domain';
import { messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import type { RedisHandle, TicketStore } from '@pco/shared/redis';
import { pause } from '@pco/shared/time';

export interface FeedEntry {
  readonly id: string;
  readonly ticketId: string;
  readonly event: string;
}

/** The feed of commits: one blocking read per process serves everybody who waits. */
export interface Feed extends AsyncDisposable {
  subscribe(listener: (entry: FeedEntry) => void): () => void;
  /** Waits until the ticket satisfies `done`, at most so long; gives the ticket as it is then. */
  waitFor(ticketId: string, done: (ticket: Ticket | null) => boolean, timeoutMs: number): Promise<Ticket | null>;
}

const BLOCK_MS = 5_000;
const BREATH_MS = 5; // several commits are then read at once, and nobody who waits notices

export function openFeed(redis: RedisHandle, store: TicketStore, log: Logger): Feed {
  const client = redis.client.duplicate({ maxRetriesPerRequest: null, commandTimeout: BLOCK_MS * 4 });
  client.on('error', () => undefined); // the shared connection reports the same outage
  const listeners = new Set<(entry: FeedEntry) => void>();
  const stop = new AbortController();
  const running = follow();

  async function follow(): Promise<void> {
    let last = '$';
    while (!stop.signal.aborted) {
      try {
        if (last === '$') last = (await client.xrevrange(redis.keys.events, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0';
        const answer = await client.xread('COUNT', 500, 'BLOCK', BLOCK_MS, 'STREAMS', redis.keys.events, last);
        for (const [id, fields] of answer?.[0]?.[1] ?? []) {
          last = id;
          for (const listener of listeners) listener({ id, ticketId: fields[1] ?? '', event: fields[7] ?? '{}' });
        }
        if (answer) await pause(BREATH_MS, stop.signal);
      } catch (err) {
        if (stop.signal.aborted) return;
        log.debug({ err: messageOf(err) }, 'feed interrupted, trying again');
        await pause(500, stop.signal);
      }
    }
  }

  const subscribe: Feed['subscribe'] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    subscribe,
    async waitFor(ticketId, done, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        let woken = () => {};
        const change = new Promise<void>((resolve) => {
          woken = resolve;
        });
        // registered before loading: nothing that happens in between is missed
        const unsubscribe = subscribe((entry) => entry.ticketId === ticketId && woken());
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
      client.disconnect();
      await running;
    },
  };
}
