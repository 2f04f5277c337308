import { type Job, type JobsOptions, Queue } from 'bullmq';
import { contractOf } from '../contracts/index.ts';
import { AppError } from '../errors.ts';
import { queuePrefix, type RedisHandle } from '../redis/index.ts';
import { DAY_SECONDS } from '../time.ts';
import { telemetry } from './telemetry.ts';

export type JobState = 'absent' | 'waiting' | 'delayed' | 'active' | 'completed' | 'failed';

/** The producing side of every queue, opened when first used. */
export interface Queues extends AsyncDisposable {
  /** @throws AppError PAYLOAD_INVALID here, where the payload was made */
  add(queue: string, jobName: string, payload: unknown, options: { jobId: string; priority?: number }): Promise<void>;
  /**
   * A job about a subject. While one of the same subject waits no other is added; while one is worked on exactly one
   * more follows it, so that what came up meanwhile is looked at too.
   */
  hint(queue: string, jobName: string, payload: unknown, subject: string): Promise<void>;
  state(queue: string, jobId: string): Promise<{ state: JobState; failedReason?: string }>;
  remove(queue: string, jobId: string): Promise<void>;
  /** Lets a delayed job run now. */
  promote(queue: string, jobId: string): Promise<void>;
  /** Lets the oldest delayed job run now, and the oldest of a project too: whichever of them what was freed is for. */
  promoteOldest(queue: string, project?: string): Promise<void>;
  /** Repeats a job every so often, however many processes ask for it. */
  schedule(queue: string, id: string, everyMs: number, payload: unknown): Promise<void>;
  unschedule(queue: string, keep: ReadonlySet<string>): Promise<void>;
  facts(queue: string): Promise<QueueFacts>;
  get(queue: string): Queue;
}

/** What there is in a queue, and what its workers together have made of it. */
export interface QueueFacts {
  readonly jobs: Readonly<Record<string, number>>;
  /** When the job was added that has waited longest for a worker; null when none waits. */
  readonly oldestAt: number | null;
  readonly completed: number;
  readonly failed: number;
}

/** BullMQ sorts jobs by `priority * 2^32 + number`; ours have priorities from 1 to this. */
const LOWEST_PRIORITY = 5;
const PRIORITY_STEP = 2 ** 32;

export function createQueues({ client, prefix }: Pick<RedisHandle, 'client' | 'prefix'>): Queues {
  const open = new Map<string, Queue>();
  const get = (name: string): Queue => {
    const known = open.get(name);
    if (known) return known;
    const queue = new Queue(name, {
      connection: client,
      prefix: queuePrefix(prefix, name),
      defaultJobOptions: jobOptions(name),
      ...telemetry(),
    });
    queue.on('error', () => undefined); // the shared connection reports its own errors once
    open.set(name, queue);
    // one that was opened while Redis was away keeps that error for ever: the next use opens another
    queue.waitUntilReady().catch(() => {
      if (open.get(name) === queue) open.delete(name);
      queue.close().catch(() => undefined);
    });
    return queue;
  };
  const oldestWaiting = async (queue: Queue): Promise<number | null> => {
    const firstOf = (priority: number) =>
      client.zrangebyscore(
        queue.toKey('prioritized'),
        priority * PRIORITY_STEP,
        `(${(priority + 1) * PRIORITY_STEP}`,
        'LIMIT',
        0,
        1,
      );
    const priorities = Array.from({ length: LOWEST_PRIORITY }, (_, i) => firstOf(i + 1));
    const ids = (await Promise.all([client.lrange(queue.toKey('wait'), -1, -1), ...priorities])).flat();
    const times = await Promise.all(ids.map((id) => client.hget(queue.toKey(id), 'timestamp')));
    const known = times.flatMap((time) => (time === null ? [] : [Number(time)])); // taken meanwhile
    return known.length === 0 ? null : Math.min(...known);
  };
  return {
    get,
    async add(name, jobName, payload, options) {
      await get(name).add(jobName, parse(name, payload), options);
    },
    async hint(name, jobName, payload, subject) {
      const deduplication = { id: subject, keepLastIfActive: true };
      await get(name).add(jobName, parse(name, payload), { deduplication });
    },
    async state(name, jobId) {
      const job = await get(name).getJob(jobId);
      if (!job) return { state: 'absent' };
      return { state: toState(await job.getState()), failedReason: job.failedReason };
    },
    async remove(name, jobId) {
      await get(name).remove(jobId);
    },
    async promote(name, jobId) {
      const job = await get(name).getJob(jobId);
      await job?.promote().catch(() => undefined); // its time has come in this very moment
    },
    async promoteOldest(name, project) {
      const delayed = await get(name).getDelayed(0, PROMOTABLE - 1);
      const isOfProject = ({ data }: Job) => String(data?.ticketId).startsWith(`${project}-`);
      const first = await promoteOne(delayed);
      if (project !== undefined && !(first && isOfProject(first)))
        await promoteOne(delayed.filter((job) => job !== first && isOfProject(job)));
    },
    async schedule(name, id, everyMs, payload) {
      await get(name).upsertJobScheduler(id, { every: everyMs }, { name: 'poll', data: parse(name, payload) });
    },
    async unschedule(name, keep) {
      for (const { key } of await get(name).getJobSchedulers())
        if (!keep.has(key)) await get(name).removeJobScheduler(key);
    },
    async facts(name) {
      const queue = get(name);
      const [jobs, oldestAt, completed, failed] = await Promise.all([
        queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'completed', 'failed'),
        oldestWaiting(queue),
        queue.getMetrics('completed', 0, 0),
        queue.getMetrics('failed', 0, 0),
      ]);
      return { jobs, oldestAt, completed: Number(completed.meta.count), failed: Number(failed.meta.count) };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open.values()].map((queue) => queue.close()));
    },
  };
}

/** How many delayed jobs are looked through. */
const PROMOTABLE = 50;

/** The first that nobody else promotes at the same moment. */
async function promoteOne(jobs: readonly Job[]): Promise<Job | undefined> {
  for (const job of jobs) {
    const isOurs = await job.promote().then(
      () => true,
      () => false,
    );
    if (isOurs) return job;
  }
  return undefined;
}

function jobOptions(name: string): JobsOptions {
  const contract = contractOf(name);
  if (!contract) throw new AppError('PAYLOAD_INVALID', { queue: name, why: 'no contract for that queue' });
  const { attempts, backoffMs } = contract.jobs;
  return {
    attempts,
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
    removeOnComplete: { count: 1_000 }, // to read in Bull Board
    removeOnFail: { age: 14 * DAY_SECONDS }, // for an operator to read and retry
  };
}

function parse(name: string, payload: unknown): unknown {
  const parsed = contractOf(name)?.schema.safeParse(payload);
  if (!parsed?.success) throw new AppError('PAYLOAD_INVALID', { queue: name }, { cause: parsed?.error });
  return parsed.data;
}

const toState = (state: string): JobState => {
  if (state === 'completed' || state === 'failed' || state === 'delayed' || state === 'active') return state;
  return state === 'unknown' ? 'absent' : 'waiting'; // prioritized, waiting-children and wait all mean: later
};
