import { join } from 'node:path';
import { queuePrefix, type RedisClient } from '@pco/shared/redis';
import { until } from '../e2e/support/until.ts';
import { LOOP_QUEUES, type LoopRound } from './loop.ts';
import type { RawOrder, RawPart } from './programs/raw-queue.ts';
import { type BenchChild, nextMessage, startChild } from './support/child.ts';
import { cpuMs } from './support/process-usage.ts';
import { steadyRate } from './support/stats.ts';

export interface RawRound {
  readonly jobs: number;
  readonly jobsPerSecond: number;
  /** CPU time of everything, Redis too, ms per job. */
  readonly cpuMsPerJob: number;
}

export interface RawQueues extends AsyncDisposable {
  /** Everything is added as fast as it can be: the queues are full. */
  full(jobs: LoopRound['jobs']): Promise<RawRound>;
  /** As many tickets under way as in the loop, each job adding the next: the queues are nearly empty. */
  chained(tickets: number): Promise<RawRound>;
}

export interface RawOptions {
  readonly redisUrl: string;
  readonly redisPid: number;
  readonly client: RedisClient;
  readonly dir: string;
  /** Most `add` awaited at a time over all processes, and most chains under way. */
  readonly inFlight: number;
}

const PREFIX = 'raw';
const JOBS_PER_CHAIN = 7; // assign, start, collect, notify, stop, comment, state

/** Who works off what, and how many side by side: as our services. */
const WORKS = {
  poller: {},
  api: {},
  'session-worker': { 'session.default': 1, 'runner.bench': 8, 'completion.bench': 2 },
  'plane-writer': { 'plane-write': 10, notify: 1 },
} as const satisfies Record<string, RawPart['works']>;
type Place = keyof typeof WORKS;

/** The same jobs without our product: BullMQ alone, in as many processes, with handlers that do nothing. */
export async function startRawQueues(options: RawOptions): Promise<RawQueues> {
  await using stack = new AsyncDisposableStack();
  const { redisUrl, redisPid, client, dir, inFlight } = options;
  const children = new Map<Place, BenchChild>();
  for (const place of Object.keys(WORKS) as Place[]) {
    const part: RawPart = { redisUrl, prefix: PREFIX, works: WORKS[place] };
    const [name, args] = [`raw-${place}`, [JSON.stringify(part)]];
    const script = 'bench/programs/raw-queue.ts';
    const child = stack.use(
      startChild({ name, script, args, env: process.env, logFile: join(dir, `${name}.log`), flags: [] }),
    );
    children.set(place, child);
    await nextMessage(child);
  }
  const pids = [redisPid, ...[...children.values()].map(({ pid }) => pid)];
  const usage = (): number => pids.reduce<number>((sum, pid) => sum + cpuMs(pid), 0);
  const order = async <T>(place: Place, what: RawOrder): Promise<T> => {
    const child = children.get(place);
    if (!child) throw new Error(`nobody at ${place}`);
    const answer = nextMessage<T>(child);
    child.process.send(what);
    return answer;
  };
  const measure = async (jobs: number, give: () => Promise<unknown>): Promise<RawRound> => {
    const before = usage();
    await give();
    await until('the raw queues are empty', async () => (await unfinished(client)) === 0, 120_000);
    const cpu = usage() - before;
    const answers = await Promise.all([...children.keys()].map((place) => order<number[]>(place, { times: true })));
    const times = answers.flat();
    if (times.length !== jobs) throw new Error(`${times.length} of ${jobs} raw jobs were completed`);
    return { jobs, jobsPerSecond: steadyRate(times), cpuMsPerJob: cpu / jobs };
  };
  const moved = stack.move();
  return {
    full(jobs) {
      const shares = sharesOf(jobs);
      const each = Math.ceil(inFlight / Object.keys(shares).length);
      const all = Object.values(jobs).reduce((sum, count) => sum + count, 0);
      return measure(all, () =>
        Promise.all(Object.entries(shares).map(([place, adds]) => order(place as Place, { adds, inFlight: each }))),
      );
    },
    chained(tickets) {
      const begin = Math.min(inFlight, tickets);
      return measure(tickets * JOBS_PER_CHAIN, async () => {
        await order('plane-writer', { begin: 0, left: tickets - begin }); // where chains end
        await order('api', { begin, left: 0 });
      });
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** Who adds what: as in the loop. */
function sharesOf(jobs: LoopRound['jobs']): Record<Place, Partial<Record<keyof LoopRound['jobs'], number>>> {
  const half = (count: number) => Math.round(count / 2);
  return {
    poller: { notify: half(jobs.notify) },
    api: { 'session.default': jobs['session.default'], 'plane-write': half(jobs['plane-write']) },
    'session-worker': {
      notify: jobs.notify - half(jobs.notify),
      'runner.bench': jobs['runner.bench'],
      'completion.bench': jobs['completion.bench'],
    },
    'plane-writer': { 'plane-write': jobs['plane-write'] - half(jobs['plane-write']) },
  };
}

async function unfinished(client: RedisClient): Promise<number> {
  const counts = LOOP_QUEUES.flatMap((name) => {
    const base = `${queuePrefix(PREFIX, name)}:${name}`;
    return [client.llen(`${base}:wait`), client.zcard(`${base}:prioritized`), client.llen(`${base}:active`)];
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
