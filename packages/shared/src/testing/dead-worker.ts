import { Worker } from 'bullmq';
import { queuePrefix, type RedisHandle } from '../redis/index.ts';
import { HOUR_MS } from '../time.ts';
import { eventually } from './redis-fixture.ts';

/** Takes the next job of a queue as a worker does that dies at once, and leaves its lock for an hour. */
export async function takeAndDie({ client, prefix }: Pick<RedisHandle, 'client' | 'prefix'>, queue: string) {
  const options = { connection: client, prefix: queuePrefix(prefix, queue), autorun: false, lockDuration: HOUR_MS };
  const worker = new Worker(queue, undefined, options);
  await eventually(() => worker.getNextJob('dead', { block: false })).toBeDefined();
  await worker.close();
}
