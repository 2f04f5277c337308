import type { Readable } from 'node:stream';
import { AppError } from '@pco/shared/errors';
import { createEventStream, type RedisHandle } from '@pco/shared/redis';
import { MINUTE_MS, SECOND_MS } from '@pco/shared/time';
import type { Feed } from '../feed.ts';
import { frameOf } from './frames.ts';
import { createReader, type Reader } from './reader.ts';
import { createRing } from './ring.ts';

export interface EventHub extends Disposable {
  /**
   * Everything that happens from now on, or since the last event that the caller saw.
   *
   * @param client a token or an address
   * @throws AppError TOO_MANY_READERS
   */
  open(client: string, wanted: { lastEventId?: string | undefined; tickets?: readonly string[] }): Readable;
  readers(): number;
}

export interface HubOptions {
  /** Most readers of this process, and of one client. */
  readonly readers: number;
  readonly readersPerClient: number;
  readonly heartbeatMs?: number;
  readonly stalledMaxMs?: number;
}

const RING = 2_000;

/** All who listen to `GET /api/events` of this process, over its one reader of the feed. */
export function openEventHub(feed: Feed, redis: RedisHandle, options: HubOptions): EventHub {
  const { readers: most, readersPerClient, heartbeatMs = 15 * SECOND_MS, stalledMaxMs = MINUTE_MS } = options;
  const stream = createEventStream(redis.client, redis.keys);
  const ring = createRing(RING, feed.position());
  const readers = new Map<Reader, string>();

  const unfollow = feed.follow({
    batch(entries) {
      ring.add(entries.map(frameOf));
      for (const reader of readers.keys()) reader.wake();
    },
    gap(position) {
      ring.restart(position);
      for (const reader of readers.keys()) reader.distrust();
    },
  });
  const beats = setInterval(() => {
    for (const reader of readers.keys()) {
      // it comes back with its last id and goes on from there
      if (reader.stalledMs() > stalledMaxMs) reader.body.destroy();
      else reader.beat();
    }
  }, heartbeatMs);

  const countOf = (client: string): number => [...readers.values()].filter((one) => one === client).length;

  return {
    open(client, { lastEventId, tickets = [] }) {
      if (countOf(client) >= readersPerClient)
        throw new AppError('TOO_MANY_READERS', {
          why: `this token or address has ${readersPerClient}; close one, or raise api.event_readers_per_client`,
        });
      if (readers.size >= most)
        throw new AppError('TOO_MANY_READERS', { why: `this api has ${most}; raise api.event_readers` });
      const reader = createReader({
        ring,
        stream,
        lastEventId,
        tickets: new Set(tickets),
        heartbeatMs,
        onEnd: () => readers.delete(reader),
      });
      readers.set(reader, client);
      return reader.body;
    },
    readers: () => readers.size,
    [Symbol.dispose]() {
      clearInterval(beats);
      unfollow();
      for (const reader of readers.keys()) reader.body.destroy();
    },
  };
}
