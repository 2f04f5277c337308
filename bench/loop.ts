import type { Status } from '@pco/shared/domain';
import { blockingClient, queuePrefix } from '@pco/shared/redis';
import { until } from '../e2e/support/until.ts';
import { type LoopStack, PREFIX } from './support/loop-stack.ts';
import type { People } from './support/people.ts';
import { cpuMs } from './support/process-usage.ts';
import { steadyRate } from './support/stats.ts';

/** Queues of the loop; polls are not counted, they are one job per project and round. */
export const LOOP_QUEUES = ['notify', 'session.default', 'runner.bench', 'completion.bench', 'plane-write'] as const;
export type LoopQueue = (typeof LOOP_QUEUES)[number];

export interface LoopRound {
  readonly tickets: number;
  /** Tickets per second that reached `done`, first and last tenth left out. */
  readonly ticketsPerSecond: number;
  /** Tickets per second that became `pending`: how fast the poller takes in. */
  readonly intakePerSecond: number;
  readonly jobs: Readonly<Record<LoopQueue, number>>;
  readonly jobsPerTicket: number;
  /** CPU time by process, ms per ticket. */
  readonly cpuMsPerTicket: Readonly<Record<string, number>>;
  readonly p50Ms: number;
}

export interface LoopOptions {
  readonly perProject: number;
  /** Most tickets between their approval and `done`. */
  readonly window: number;
  readonly people: People;
  /** Whether the poller is through before the first approval, so that only pending → done is measured. */
  readonly intakeFirst: boolean;
  readonly progress: (done: number, all: number) => void;
}

/** Work items in Plane → poll → approval → session → completion → approval → comment and state in Plane. */
export async function runLoop(stack: LoopStack, options: LoopOptions): Promise<LoopRound> {
  const { window, progress } = options;
  const expected = new Set(await stack.createItems(options.perProject));
  let jobsBefore = await countJobs(stack);
  const cpuBefore = usage(stack);
  const { people } = options;
  const pending: number[] = [];
  const done: number[] = [];
  const approvedAt = new Map<string, number>();
  const durations: number[] = [];
  const waiting: string[] = [];
  let cpuAtPending = cpuBefore;
  const end = Promise.withResolvers<void>();
  const fail = (err: unknown) => end.reject(err);
  let inFlight = 0;
  let isOpen = !options.intakeFirst;
  const admit = () => {
    while (isOpen && inFlight < window) {
      const id = waiting.shift();
      if (id === undefined) return;
      inFlight += 1;
      approvedAt.set(id, performance.now());
      people.approve(id).catch(fail);
    }
  };
  const open = async () => {
    await until(
      'everything is taken in',
      async () => (await stack.handle.client.zcard(stack.handle.keys.outbox)) === 0,
    );
    jobsBefore = await countJobs(stack);
    cpuAtPending = usage(stack);
    isOpen = true;
    admit();
  };
  const on: { readonly [S in Status]?: (id: string, at: number) => void } = {
    pending(id, at) {
      pending.push(at);
      waiting.push(id);
      if (options.intakeFirst && pending.length === expected.size) void open().catch(fail);
      admit();
    },
    completed: (id) => void people.sendToPlane(id).catch(fail),
    done(id, at) {
      done.push(at);
      durations.push(performance.now() - (approvedAt.get(id) ?? 0));
      inFlight -= 1;
      progress(done.length, expected.size);
      if (done.length === expected.size) end.resolve();
      admit();
    },
    failed: (id) => fail(new Error(`${id} failed`)),
  };
  const following = follow(stack, expected, (id, status, at) => on[status]?.(id, at));
  const stuck = setInterval(() => watchdog(done.length), 30_000);
  let last = -1;
  const watchdog = (count: number) => {
    if (count === last) fail(new Error(`the loop stands still at ${count} of ${expected.size}; logs in ${stack.dir}`));
    last = count;
  };
  try {
    await stack.poll();
    await end.promise;
  } finally {
    clearInterval(stuck);
    following.stop();
  }
  const cpuAfter = usage(stack);
  await settle(stack);
  const jobsAfter = await countJobs(stack);
  const jobs = Object.fromEntries(
    LOOP_QUEUES.map((name) => [name, jobsAfter[name] - jobsBefore[name]]),
  ) as LoopRound['jobs']; // fromEntries forgets the names
  const cpu = [...cpuAfter].map(([name, ms]) => [name, (ms - (cpuAtPending.get(name) ?? 0)) / expected.size] as const);
  return {
    tickets: expected.size,
    ticketsPerSecond: steadyRate(done),
    intakePerSecond: steadyRate(pending),
    jobs,
    jobsPerTicket: Object.values(jobs).reduce((sum, count) => sum + count, 0) / expected.size,
    cpuMsPerTicket: Object.fromEntries(cpu),
    p50Ms: durations.toSorted((a, b) => a - b)[durations.length >> 1] ?? Number.NaN,
  };
}

const READ_MS = 5; // several moves at once: people look at a list, not at every event

/** Tells each move of the tickets that we know, with Redis's own time of it. */
function follow(stack: LoopStack, known: ReadonlySet<string>, moved: (id: string, to: Status, at: number) => void) {
  const client = blockingClient(stack.handle.client, stack.handle.keys.events);
  client.on('error', () => undefined);
  const { events } = stack.handle.keys;
  const running = (async () => {
    const newest = (await stack.handle.client.xrevrange(events, '+', '-', 'COUNT', 1))[0]?.[0];
    let last = newest ?? '0-0';
    for (;;) {
      const answer = await client.xread('COUNT', 1_000, 'BLOCK', 5_000, 'STREAMS', events, last);
      for (const [id, fields] of answer?.[0]?.[1] ?? []) {
        last = id;
        const ticketId = fields[1] ?? '';
        const { from, to } = JSON.parse(fields[7] ?? '{}') as { from: Status | null; to: Status }; // our own feed
        if (from !== to && known.has(ticketId)) moved(ticketId, to, Number(id.split('-', 1)[0]));
      }
      await new Promise((resolve) => setTimeout(resolve, READ_MS));
    }
  })();
  running.catch(() => undefined); // ends with its connection
  return { stop: () => client.disconnect() };
}

/** Lets the last sessions be stopped and the poller read what we have written, so that the next round begins alike. */
async function settle(stack: LoopStack): Promise<void> {
  const { client, keys } = stack.handle;
  await until('every effect has its outcome', async () => (await client.zcard(keys.outbox)) === 0, 120_000);
  await new Promise((resolve) => setTimeout(resolve, 300)); // Plane bumps `updated_at` a little after the answer
  await stack.poll();
  const reads = stack.queues.get('plane-read');
  await until('the poll is over', async () => (await reads.getJobCountByTypes('active', 'waiting')) === 0, 120_000);
}

const usage = (stack: LoopStack): Map<string, number> =>
  new Map([...stack.pids, ['bench (people)', process.pid] as const].map(([name, pid]) => [name, cpuMs(pid)]));

/** BullMQ counts every job that was ever added to a queue, also those that are gone. */
async function countJobs(stack: LoopStack): Promise<Record<LoopQueue, number>> {
  const counted = LOOP_QUEUES.map(async (name) => {
    const value = await stack.handle.client.get(`${queuePrefix(PREFIX, name)}:${name}:id`);
    return [name, Number(value ?? 0)] as const;
  });
  return Object.fromEntries(await Promise.all(counted)) as Record<LoopQueue, number>; // fromEntries forgets the names
}
