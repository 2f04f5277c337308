import { createQueues } from '@pco/shared/queue';
import { queuePrefix } from '@pco/shared/redis';
import { type Job, Worker } from 'bullmq';
import { Redis } from 'ioredis';

// One process of the raw comparison: BullMQ and nothing else. It adds its share of the jobs and works off its queues,
// as the service does whose place it takes: same job options, ids and concurrency.

export interface RawPart {
  readonly redisUrl: string;
  readonly prefix: string;
  /** Queues to be worked off, with their concurrency. */
  readonly works: Readonly<Record<string, number>>;
}
export type RawOrder =
  /** Adds so many jobs, by queue, with at most so many `add` awaited. */
  | { readonly adds: Readonly<Record<string, number>>; readonly inFlight: number }
  /** Begins so many chains; the process that ends one begins the next while it has any left. */
  | { readonly begin: number; readonly left: number }
  /** Asks for the times at which jobs were completed since the last time. */
  | { readonly times: true };

/** The jobs that follow one in the loop: name and queue. What people do in between is done by who ends the job. */
const NEXT: Readonly<Record<string, readonly (readonly [name: string, queue: string])[]>> = {
  assign: [['start', 'runner.bench']],
  start: [
    ['collect', 'completion.bench'],
    ['notify', 'notify'],
    ['comment', 'plane-write'],
  ],
  collect: [['stop', 'runner.bench']],
  comment: [['state', 'plane-write']],
};
const FIRST = ['assign', 'session.default'] as const;

const part = JSON.parse(process.argv[2] ?? '{}') as RawPart; // written by the bench
const client = new Redis(part.redisUrl, { maxRetriesPerRequest: null });
const queues = createQueues({ client, prefix: part.prefix }); // only for its job options: `get` gives BullMQ's own queue
let completed: number[] = [];
let left = 0;
let added = 0;

const add = async (name: string, queue: string): Promise<void> => {
  added += 1;
  const id = `BENCH-${process.pid}-${added}`;
  const payload = { ticketId: `BENCH1-${added}`, effectId: id, cid: crypto.randomUUID() };
  const priority = queue.startsWith('session.') ? { priority: 5 } : {}; // as our approvals of items without one
  await queues.get(queue).add(name, payload, { jobId: id, ...priority });
};

const work = async ({ name }: Job): Promise<void> => {
  await Promise.all((NEXT[name] ?? []).map((next) => add(...next)));
  if (name === 'state' && left > 0) {
    left -= 1;
    await add(...FIRST);
  }
  completed.push(performance.timeOrigin + performance.now());
};
const workers = Object.entries(part.works).map(
  ([name, concurrency]) =>
    new Worker(name, work, { connection: client, prefix: queuePrefix(part.prefix, name), concurrency }),
);
for (const worker of workers) worker.on('error', () => undefined);
await Promise.all(workers.map((worker) => worker.waitUntilReady()));

async function addAll(adds: Readonly<Record<string, number>>, inFlight: number): Promise<void> {
  const names = Object.entries(adds).flatMap(([name, count]) => Array.from({ length: count }, () => name));
  const rest = names.values();
  const lane = async () => {
    for (const queue of rest) await add('nothing', queue);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

async function obey(order: RawOrder): Promise<unknown> {
  if ('times' in order) {
    const times = completed;
    completed = [];
    return times;
  }
  if ('adds' in order) await addAll(order.adds, order.inFlight);
  else {
    left = order.left;
    await Promise.all(Array.from({ length: order.begin }, () => add(...FIRST)));
  }
  return 'added';
}

process.on('message', (order: RawOrder) => {
  void obey(order).then((answer) => process.send?.(answer));
});
process.on('SIGTERM', () => process.exit(0));
process.send?.('ready');
