import type { Queue } from 'bullmq';
import { familyOf } from '../contracts/index.ts';
import type { Logger } from '../log.ts';
import type { QueueMetrics } from '../metrics.ts';
import type { RedisHandle } from '../redis/index.ts';
import { MAX_STALLS } from './consumer.ts';
import type { Queues } from './queues.ts';

export interface TakeBackDeps {
  readonly redis: Pick<RedisHandle, 'client'>;
  readonly queues: Pick<Queues, 'get'>;
  readonly metrics: Pick<QueueMetrics, 'stalled'>;
}

/** A worker that dies again and again within seconds, of whatever, must not use up all stalls of what it was at. */
const TAKEN_AT_ONCE = MAX_STALLS / 2;

/**
 * Puts the jobs that a dead worker held back in front of their queue, instead of waiting until their locks have
 * expired. Only for a queue that nobody else works on, and before anybody does.
 *
 * It counts as a stall. A job that has had many is left to BullMQ, which takes it over when its lock has expired, and
 * fails it in the end; so is one whose lock has just expired.
 */
export async function takeBack({ redis, queues, metrics }: TakeBackDeps, name: string, log: Logger): Promise<void> {
  const queue = queues.get(name);
  for (const job of await queue.getActive()) {
    if (job.stalledCounter >= TAKEN_AT_ONCE || !(await putBack(redis.client, queue, job))) continue;
    metrics.stalled.inc({ queue: familyOf(name) });
    log.warn({ queue: name, jobId: job.id }, 'job of a dead worker taken over at once');
  }
}

type Held = Awaited<ReturnType<Queue['getActive']>>[number];

async function putBack(client: RedisHandle['client'], queue: Queue, job: Held): Promise<boolean> {
  const key = queue.toKey(job.id ?? '');
  const token = await client.get(`${key}:lock`);
  if (token === null) return false;
  await client.hincrby(key, 'stc', 1); // BullMQ's own count of stalls
  return job.moveToWait(token).then(
    () => true,
    () => false,
  );
}
