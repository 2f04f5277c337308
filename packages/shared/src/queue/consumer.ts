import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { z } from 'zod';
import { familyOf, type QueueContract } from '../contracts/index.ts';
import { correlate } from '../correlation.ts';
import { AppError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { QueueMetrics } from '../metrics.ts';
import { queuePrefix, type RedisHandle } from '../redis/index.ts';
import { workerBackend } from './backend.ts';
import { telemetry } from './telemetry.ts';

/** Thrown by a handler: run this job again after so long, without costing an attempt. */
export class Later extends Error {
  override readonly name = 'Later';
  readonly ms: number;
  constructor(ms: number, options?: ErrorOptions) {
    super(`again in ${ms} ms`, options);
    this.ms = ms;
  }
}

/** Thrown by a handler: put this job back in front of the queue; somebody else, or we later, take it. */
export class BackToQueue extends Error {
  override readonly name = 'BackToQueue';
}

/** Thrown by a handler whose failure is recorded already: the job is kept as failed and not retried. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp';
}

export interface JobContext {
  readonly jobId: string;
  readonly jobName: string;
  readonly log: Logger;
  readonly isLastAttempt: boolean;
  /** Whether an earlier start of this job may have got somewhere. */
  readonly isRepeat: boolean;
  /** How often this job was begun, this time included. */
  readonly starts: number;
  /** Aborts when the worker loses the job's lock, or stops and has waited for the job long enough. */
  readonly signal: AbortSignal;
}

export interface QueueTiming {
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
}

export interface ConsumerOptions<Schema extends z.ZodType> {
  readonly contract: QueueContract<Schema>;
  readonly queue: string;
  readonly redis: RedisHandle;
  readonly concurrency: number;
  readonly timing: QueueTiming;
  readonly log: Logger;
  readonly metrics: QueueMetrics;
  readonly handle: (payload: z.output<Schema>, ctx: JobContext) => Promise<void>;
  /** How long a stop waits for jobs before it aborts them. */
  readonly drainMs?: number;
}

export interface Consumer extends AsyncDisposable {
  pause(): Promise<void>;
  resume(): void;
  isPaused(): boolean;
}

/** A job whose workers died so often in a row is broken, not unlucky. */
export const MAX_STALLS = 10;
/** Three consumers of a service, stopped one after the other, stay below the time that a stop may take. */
const DRAIN_MS = 3_000;

export function createConsumer<Schema extends z.ZodType>(options: ConsumerOptions<Schema>): Consumer {
  const { queue, redis, concurrency, timing, log, metrics, drainMs = DRAIN_MS } = options;
  const stop = new AbortController();
  const run = (job: Job, token: string | undefined, lock?: AbortSignal) =>
    runJob(options, job, token, { stop: stop.signal, lock });
  const prefix = queuePrefix(redis.prefix, queue);
  const backend = workerBackend(redis.client, queue, prefix);
  const workerOptions = {
    connection: redis.client,
    prefix,
    concurrency,
    ...telemetry(),
    lockDuration: timing.lockDurationMs,
    stalledInterval: timing.stalledIntervalMs,
    maxStalledCount: MAX_STALLS,
    runRetryDelay: Math.min(1_000, timing.stalledIntervalMs / 5),
    metrics: { maxDataPoints: 1 }, // the totals in Redis, which `Queues#facts` reads
  };
  const worker = new Worker(queue, (job, token, signal) => run(job, token, signal), workerOptions, backend.make);
  for (const counter of [metrics.retries, metrics.deadLetters, metrics.stalled])
    counter.inc({ queue: familyOf(queue) }, 0);
  worker.on('error', (err) => log.warn({ err: messageOf(err), queue }, 'queue connection trouble, trying again'));
  worker.on('lockRenewalFailed', (jobIds) => {
    for (const jobId of jobIds) worker.cancelJob(jobId, 'another worker has the job');
  });
  worker.on('stalled', (jobId) => {
    metrics.stalled.inc({ queue: familyOf(queue) });
    log.warn({ queue, jobId }, 'job of a dead worker taken over');
  });
  worker.on('failed', (job, err) => {
    if (!(err instanceof UnrecoverableError)) return;
    metrics.deadLetters.inc({ queue: familyOf(queue) });
    log.error({ queue, jobId: job?.id, err: messageOf(err) }, 'job failed for good');
  });
  return {
    pause: () => worker.pause(true),
    resume: () => worker.resume(),
    isPaused: () => worker.isPaused(),
    async [Symbol.asyncDispose]() {
      const patience = setTimeout(() => stop.abort(), drainMs);
      // without Redis no job can end: another worker, or we after a restart, find it stalled
      await worker.close(redis.client.status !== 'ready' || backend.waiting.status === 'reconnecting');
      clearTimeout(patience);
    },
  };
}

/** Where a payload says on whose behalf its job is; a job of nobody is on its own. */
const Correlated = z.object({ cid: z.string().optional(), request: z.string().optional() });

interface Aborts {
  readonly stop: AbortSignal;
  readonly lock: AbortSignal | undefined;
}

async function runJob<Schema extends z.ZodType>(
  { contract, queue, log, metrics, handle }: ConsumerOptions<Schema>,
  job: Job,
  token: string | undefined,
  { stop, lock }: Aborts,
): Promise<void> {
  const attempt = job.attemptsMade + 1;
  const isLastAttempt = attempt >= (job.opts.attempts ?? 1);
  const jobLog = log.child({ queue, jobId: job.id, attempt });
  const stopTimer = metrics.duration.startTimer({ queue: familyOf(queue) });
  try {
    const { data, error } = contract.schema.safeParse(job.data);
    if (error) throw new AppError('PAYLOAD_INVALID', { queue }, { cause: error });
    const { cid = job.id ?? '', request } = Correlated.safeParse(data).data ?? {};
    const context = {
      jobId: job.id ?? '',
      jobName: job.name,
      log: jobLog,
      isLastAttempt,
      isRepeat: job.attemptsStarted > 1 || job.stalledCounter > 0,
      starts: job.attemptsStarted,
      signal: lock ? AbortSignal.any([stop, lock]) : stop,
    };
    await correlate({ cid, request }, () => handle(data, context));
    stopTimer({ outcome: 'completed' });
    jobLog.debug('job completed');
  } catch (cause) {
    // whoever stops in the middle of a job leaves it to another worker; it costs no attempt
    const err = stop.aborted && !isSettled(cause) ? new BackToQueue('stopping', { cause }) : cause;
    const outcome = await settle(job, token, err, isLastAttempt, jobLog);
    stopTimer({ outcome });
    if (outcome === 'retrying') metrics.retries.inc({ queue: familyOf(queue) });
    throw translate(err);
  }
}

async function settle(
  job: Job,
  token: string | undefined,
  err: unknown,
  isLastAttempt: boolean,
  log: Logger,
): Promise<string> {
  if (err instanceof Later) {
    await job.moveToDelayed(Date.now() + err.ms, token);
    return 'postponed';
  }
  if (err instanceof BackToQueue) {
    await job.moveToWait(token);
    return 'postponed';
  }
  if (isFinal(err)) return 'failed';
  if (isLastAttempt) {
    log.error({ err }, 'job failed at its last attempt');
    return 'failed';
  }
  log.warn({ err }, 'job retrying');
  return 'retrying';
}

const isFinal = (err: unknown): boolean =>
  err instanceof GiveUp || (err instanceof AppError && err.code === 'PAYLOAD_INVALID');

const isSettled = (err: unknown): boolean => err instanceof Later || err instanceof BackToQueue || isFinal(err);

/** BullMQ tells outcomes apart by these classes. */
function translate(err: unknown): unknown {
  if (err instanceof Later) return new DelayedError();
  if (err instanceof BackToQueue) return new WaitingError();
  return isFinal(err) ? Object.assign(new UnrecoverableError(messageOf(err)), { cause: err }) : err;
}
