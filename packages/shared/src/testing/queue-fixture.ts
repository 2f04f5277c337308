import type { Job } from 'bullmq';
import { type EffectJob, RunnerQueue } from '../contracts/index.ts';
import { createQueueMetrics, type QueueMetrics, Registry } from '../metrics.ts';
import { type Consumer, createConsumer, createQueues, type JobContext, type Queues } from '../queue/index.ts';
import type { RedisHandle } from '../redis/index.ts';
import { redisFixture, silentLog } from './redis-fixture.ts';

export const QUEUE = 'runner.runner-1';
/** As fast as a dead worker's job can be taken over without a busy machine being mistaken for a dead one. */
export const FAST_TIMING = { lockDurationMs: 1_000, stalledIntervalMs: 500 };

type Handle = (payload: EffectJob, ctx: JobContext) => Promise<void>;

export interface QueueFixture extends AsyncDisposable {
  readonly redis: RedisHandle;
  readonly queues: Queues;
  readonly metrics: QueueMetrics;
  readonly registry: Registry;
  /** A consumer of `QUEUE`, closed with the fixture or before. */
  consume(handle: Handle, options?: { concurrency?: number; drainMs?: number }): Consumer;
  /** A job whose retries do not let a test wait. */
  add(jobId: string, options?: { attempts?: number; priority?: number; data?: unknown }): Promise<Job>;
  state(jobId: string): Promise<string>;
}

export const payload = (effectId: string): EffectJob => ({ ticketId: 'ACME-16', effectId, cid: 'cid-1' });

export async function queueFixture(): Promise<QueueFixture> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await redisFixture());
  const queues = stack.use(createQueues(redis));
  const registry = new Registry();
  const metrics = createQueueMetrics(registry);
  const opened = stack.move();
  return {
    redis,
    queues,
    metrics,
    registry,
    consume(handle, { concurrency = 1, drainMs = 3_000 } = {}) {
      const common = { contract: RunnerQueue, queue: QUEUE, redis, timing: FAST_TIMING, log: silentLog, metrics };
      return opened.use(createConsumer({ ...common, concurrency, drainMs, handle })); // closing it twice does no harm
    },
    add: (jobId, { attempts = 3, priority, data = payload(jobId) } = {}) =>
      queues.get(QUEUE).add('session.start', data, {
        jobId,
        attempts,
        backoff: { type: 'fixed', delay: 1 },
        ...(priority === undefined ? {} : { priority }),
      }),
    state: async (jobId) => (await queues.state(QUEUE, jobId)).state,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
