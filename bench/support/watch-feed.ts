import { Redis } from 'ioredis';
import { nowUs } from '../hop-stamps.ts';
import type { LoopStack } from './loop-stack.ts';

/** Tells, by the feed, when a ticket moves: the moment at which its entry is read. */
export function watchFeed({ redisUrl, handle }: LoopStack): AsyncDisposable & {
  movesTo(ticketId: string, status: string): Promise<number>;
} {
  const client = new Redis(redisUrl, { maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  const waiting = new Map<string, { status: string; tell: (us: number) => void }>();
  const running = (async () => {
    for (let last = '$'; ; ) {
      const answer = await client.xread('COUNT', 100, 'BLOCK', 5_000, 'STREAMS', handle.keys.events, last);
      for (const [id, fields] of answer?.[0]?.[1] ?? []) {
        last = id;
        const wanted = waiting.get(fields[1] ?? '');
        if (wanted && fields[7]?.includes(`"to":"${wanted.status}"`)) wanted.tell(nowUs());
      }
    }
  })();
  running.catch(() => undefined); // ends with its connection
  return {
    movesTo: (ticketId, status) => new Promise((tell) => waiting.set(ticketId, { status, tell })),
    [Symbol.asyncDispose]: async () => client.disconnect(),
  };
}
