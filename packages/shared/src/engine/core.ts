import type { Config } from '../config/index.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { createQueueMetrics, createRegistry, type QueueMetrics, type Registry } from '../metrics.ts';
import { createQueues, type Queues, type QueueTiming } from '../queue/index.ts';
import {
  type CounterStore,
  connectRedis,
  createCounterStore,
  createTicketStore,
  namesRedis,
  pingRedis,
  type RedisHandle,
  readInstallation,
  stopWaiting,
  type TicketStore,
} from '../redis/index.ts';
import { addConfigMetrics, type Readiness } from '../service/index.ts';
import { pause } from '../time.ts';
import { type Apply, createApply, type PolicyOf } from './apply.ts';
import { createDispatch } from './dispatch.ts';
import { createPolicies } from './policies.ts';
import { startSweep } from './sweep.ts';

/** What every committing service is built on. */
export interface Core extends AsyncDisposable {
  readonly redis: RedisHandle;
  readonly store: TicketStore;
  readonly queues: Queues;
  /** What all services count together. */
  readonly counters: CounterStore;
  readonly apply: Apply;
  readonly policyOf: PolicyOf;
  readonly registry: Registry;
  readonly metrics: QueueMetrics;
  readonly timing: QueueTiming;
  readonly installation: string;
}

const GRACE_MS = 2_000; // a live process sends its jobs within milliseconds; after this a sweep assumes that it died

/** Redis, store, queues, `apply` and the sweep, opened in this order and closed in reverse. */
export async function openCore(config: Config, log: Logger, patience: 'wait' | 'fail'): Promise<Core> {
  await using stack = new AsyncDisposableStack();
  if (!namesRedis(config.redis))
    throw new AppError('CONFIG_INVALID', { why: 'redis.url: missing; set it or PCO_REDIS_URL' });
  const redis = stack.use(await connectRedis({ ...config.redis, patience }, log));
  const installation = await readInstallation(redis);
  const store = createTicketStore(redis.client, redis.keys, redis.replicas);
  const queues = stack.use(createQueues(redis));
  const counters = stack.use(createCounterStore(redis.client, redis.keys));
  const registry = createRegistry();
  addConfigMetrics(registry, config);
  const metrics = createQueueMetrics(registry);
  const policyOf = createPolicies(config, installation);
  const dispatch = stack.use(createDispatch({ store, queues, log }));
  const apply = createApply({ store, dispatch, policyOf, log, graceMs: GRACE_MS });
  stack.use(startSweep({ store, queues, apply, log, metrics }));
  const { lock_duration_ms, stalled_interval_ms } = config.queues;
  const timing = { lockDurationMs: lock_duration_ms, stalledIntervalMs: stalled_interval_ms };
  stack.defer(() => stopWaiting(redis.client));
  const opened = stack.move();
  return {
    redis,
    store,
    queues,
    counters,
    apply,
    policyOf,
    registry,
    metrics,
    timing,
    installation,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** A probe never waits longer. */
const READY_MS = 3_000;

/** For `/readyz`: whether Redis answers, each master of it, without which no service can do its work. */
export async function redisReadiness({ redis }: Core): Promise<Readiness> {
  const enough = new AbortController();
  const late = pause(READY_MS, enough.signal).then(() => 'no answer');
  const pong = await Promise.race([pingRedis(redis), late]).catch(() => 'no answer');
  enough.abort();
  return { ok: pong === 'PONG', checks: { redis: pong } };
}
