import { Readable } from 'node:stream';
import type { EventStream } from '@pco/shared/redis';
import { comparePositions, STREAM_START } from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';
import { type Frame, frameOf, heartbeatFrame, helloFrame, resetFrame } from './frames.ts';
import type { Ring } from './ring.ts';

export interface ReaderOptions {
  readonly ring: Ring;
  readonly stream: EventStream;
  /** Where it was when it was here last. */
  readonly lastEventId: string | undefined;
  /** Only events of these tickets; all when there are none. */
  readonly tickets: ReadonlySet<string>;
  readonly heartbeatMs: number;
  readonly onEnd: () => void;
}

export interface Reader {
  readonly body: Readable;
  /** There may be something to send. */
  wake(): void;
  beat(): void;
  /** What Redis holds is not what it was: where we are has to be looked up again. */
  distrust(): void;
  /** Ms since it stopped taking what is sent; 0 while it takes. */
  stalledMs(): number;
}

const AT_ONCE = 250;
const RETRY_MS = SECOND_MS;

/**
 * One who listens. It is sent something only when it has taken what was sent before, and then goes on from its own
 * position: from memory, or from Redis when it is far behind. So a slow one holds one buffer and nothing else.
 */
export function createReader(options: ReaderOptions): Reader {
  const { ring, stream, lastEventId, tickets, heartbeatMs, onEnd } = options;
  let position = lastEventId ?? ring.end();
  // what a reader says of itself is looked up before it is believed
  let isTrusted = lastEventId === undefined;
  let isBeatDue = false;
  let wasWoken = false;
  let isPumping = false;
  let stalledSince: number | null = null;
  let hasGreeted = false;
  let retry: NodeJS.Timeout | undefined;

  const body = new Readable({
    highWaterMark: 32 * 1024,
    read() {
      stalledSince = null;
      void pump();
    },
    destroy(err, done) {
      clearTimeout(retry);
      onEnd();
      done(err);
    },
  });

  async function pump(): Promise<void> {
    wasWoken = true;
    if (isPumping) return;
    isPumping = true;
    try {
      while (wasWoken && stalledSince === null && !body.destroyed) {
        wasWoken = false;
        const text = await next();
        if (text === '' || body.destroyed) continue;
        wasWoken = true; // there may be more
        if (!body.push(text)) stalledSince = performance.now();
      }
    } catch {
      // Redis is away. The feed, which has a connection of its own, may have told us already that it is back
      retry ??= setTimeout(() => {
        retry = undefined;
        void pump();
      }, RETRY_MS);
    } finally {
      isPumping = false;
    }
  }

  /** What to send now; nothing when it is up to date. */
  async function next(): Promise<string> {
    const frames = await following();
    if (frames === null) return restart();
    const greeting = greet(position);
    position = frames.at(-1)?.id ?? position;
    const told = tickets.size === 0 ? frames : frames.filter(({ ticketId }) => tickets.has(ticketId));
    const text = greeting + told.map((frame) => frame.text).join('');
    const isBeat = text === '' && isBeatDue;
    if (isBeat || text !== '') isBeatDue = false;
    return isBeat ? heartbeatFrame(position) : text;
  }

  function greet(id: string | null): string {
    if (hasGreeted) return '';
    hasGreeted = true;
    return helloFrame(id, heartbeatMs / 1_000);
  }

  /** @returns null when nobody knows any more what follows its position */
  async function following(): Promise<readonly Frame[] | null> {
    const known = ring.after(position, AT_ONCE);
    if (known) {
      isTrusted = true;
      return known;
    }
    // it heard from another replica what we have not read yet
    if (isTrusted && comparePositions(position, ring.end()) > 0) return [];
    const entries = await stream.after(position, AT_ONCE);
    isTrusted = entries !== null;
    return entries?.map(frameOf) ?? null;
  }

  async function restart(): Promise<string> {
    const first = await stream.start();
    const why = first === STREAM_START || comparePositions(position, first) < 0 ? 'trimmed' : 'unknown';
    position = ring.end();
    isTrusted = true;
    return greet(null) + resetFrame(position, why);
  }

  return {
    body,
    wake: () => void pump(),
    beat() {
      isBeatDue = true;
      void pump();
    },
    distrust() {
      isTrusted = false;
      void pump();
    },
    stalledMs: () => (stalledSince === null ? 0 : performance.now() - stalledSince),
  };
}
