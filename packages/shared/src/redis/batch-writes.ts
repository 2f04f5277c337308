import type { Redis } from 'ioredis';

/**
 * Sends what is said to Redis in packets: everything that one turn of the event loop has to say, and what comes up
 * while an answer is on its way together once it is there. A system call, and the waking of Redis and of us that
 * follow, cost more than most commands. Order stays; an idle connection sends at once. Not for a connection that
 * blocks: there an answer may take seconds.
 */
export function batchWrites(client: Redis): void {
  client.on('connect', () => {
    const { stream } = client; // every connection has its own
    const { write } = stream;
    let isAnswerDue = false;
    let isFlushDue = false;
    const flushSoon = () => {
      if (isFlushDue) return;
      isFlushDue = true;
      setImmediate(() => {
        isFlushDue = false;
        isAnswerDue = stream.writableCorked > 0;
        stream.uncork();
      });
    };
    stream.on('data', () => {
      isAnswerDue = false;
      if (stream.writableCorked > 0) flushSoon();
    });
    // passes on whichever of its signatures was used
    stream.write = ((...args: unknown[]): boolean => {
      if (stream.writableCorked === 0) stream.cork();
      if (!isAnswerDue) flushSoon();
      return Reflect.apply(write, stream, args);
    }) as typeof write;
  });
}
