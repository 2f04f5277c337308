import { type LoopRound, runLoop } from './loop.ts';
import { type RawRound, startRawQueues } from './raw.ts';
import { startLoopStack } from './support/loop-stack.ts';
import { type People, peopleAtTheCore, peopleOverApi } from './support/people.ts';
import type { Progress } from './support/progress.ts';
import type { Figure, Section } from './support/report.ts';
import { median } from './support/stats.ts';

export const PROJECTS = 4; // the poller reads as many side by side
export const WINDOW = 100; // tickets between approval and done
export const SLOTS = 160; // more than the window: limits are not what is measured
const RATIO_AT_LEAST = 0.3;

export interface ThroughputOptions {
  readonly perProject: number;
  readonly rounds: number;
  readonly progress: Progress;
}

interface Comparison {
  readonly loop: LoopRound;
  readonly full: RawRound;
  readonly chained: RawRound;
}

/** The loop and raw BullMQ in turn on one Redis; ratios are taken round by round, then their median. */
export async function measureThroughput({ perProject, rounds, progress }: ThroughputOptions): Promise<Section[]> {
  await using stack = new AsyncDisposableStack();
  progress.tick('starting the loop');
  const loop = stack.use(await startLoopStack({ agent: 'no-op', slots: SLOTS, projects: PROJECTS }));
  const overApi = stack.use(peopleOverApi(loop, WINDOW));
  const atTheCore = stack.use(peopleAtTheCore(loop));
  const run = (name: string, people: People, intakeFirst: boolean) =>
    runLoop(loop, {
      perProject,
      window: WINDOW,
      people,
      intakeFirst,
      progress: (done, all) => progress.tick(`${name}: ${done} of ${all} tickets done`),
    });
  const warm = await run('warming up', atTheCore, true);
  const raw = stack.use(
    await startRawQueues({
      redisUrl: loop.redisUrl,
      redisPid: loop.pids.get('redis') ?? 0,
      client: loop.handle.client,
      dir: loop.dir,
      inFlight: WINDOW,
    }),
  );
  await raw.full(warm.jobs);
  await raw.chained(warm.tickets);
  const core: Comparison[] = [];
  const whole: Comparison[] = [];
  for (let i = 1; i <= rounds; i += 1) {
    for (const [name, into, people, intakeFirst] of [
      ['pending → done', core, atTheCore, true],
      ['Plane → done', whole, overApi, false],
    ] as const) {
      // the baselines on both sides of the subject: the machine changes its mind within seconds
      const full = await raw.full(warm.jobs);
      const round = await run(`${name}, round ${i}`, people, intakeFirst);
      const one: Comparison = { loop: round, full, chained: await raw.chained(round.tickets) };
      into.push(one);
      progress.say(
        `${name}, round ${i} of ${rounds}: ${round.ticketsPerSecond.toFixed(1)} tickets/s; ratio to raw BullMQ ` +
          `${ratio(one, 'full').toFixed(3)} with full queues, ${ratio(one, 'chained').toFixed(3)} in the loop's shape`,
      );
    }
  }
  return [
    section('Loop, pending → done, decided straight at the core', core, [
      'Real session-worker, plane-writer and api (its feed), no-op agent, Plane emulator as a process of its own on the',
      `same cores. Every decision is a commit made by the bench. At most ${WINDOW} tickets under way.`,
    ]),
    section('Loop, from Plane to done, decided over the api', whole, [
      'As above, and the poller takes the work items in meanwhile, and every decision is a request to the api.',
    ]),
  ];
}

type Raw = 'full' | 'chained';
const ratio = (one: Comparison, raw: Raw): number =>
  (one.loop.ticketsPerSecond * one.loop.jobsPerTicket) / one[raw].jobsPerSecond;
const total = (cpu: Readonly<Record<string, number>>): number => Object.values(cpu).reduce((sum, ms) => sum + ms, 0);

function section(title: string, all: readonly Comparison[], about: readonly string[]): Section {
  const of = (read: (one: Comparison) => number): number => median(all.map(read));
  const [first] = all;
  const processes = Object.keys(first?.loop.cpuMsPerTicket ?? {});
  const rawCpuMs = of(({ full }) => full.cpuMsPerJob);
  const loopCpuMs = of(({ loop }) => total(loop.cpuMsPerTicket));
  const jobsPerTicket = of(({ loop }) => loop.jobsPerTicket);
  const target = { atLeast: RATIO_AT_LEAST };
  const note = `median of ${all.length} rounds`;
  const figures: Figure[] = [
    {
      name: 'jobs of the loop / raw jobs, full queues',
      value: of((one) => ratio(one, 'full')),
      unit: '',
      target,
      note,
    },
    { name: "jobs of the loop / raw jobs, the loop's shape", value: of((one) => ratio(one, 'chained')), unit: '' },
    { name: 'tickets', value: of(({ loop }) => loop.ticketsPerSecond), unit: '/s' },
    { name: 'jobs per ticket', value: jobsPerTicket, unit: '', note: 'counted by BullMQ' },
    { name: 'raw jobs, full queues', value: of(({ full }) => full.jobsPerSecond), unit: '/s' },
    { name: "raw jobs, the loop's shape", value: of(({ chained }) => chained.jobsPerSecond), unit: '/s' },
    { name: 'ticket from approval to done, p50', value: of(({ loop }) => loop.p50Ms), unit: 'ms' },
    { name: 'work items taken in', value: of(({ loop }) => loop.intakePerSecond), unit: '/s' },
    { name: 'CPU of everything', value: loopCpuMs, unit: 'ms/ticket', ratio: loopCpuMs / (rawCpuMs * jobsPerTicket) },
    { name: 'CPU of raw jobs, full queues', value: rawCpuMs, unit: 'ms/job', note: 'Redis included' },
    { name: "CPU of raw jobs, the loop's shape", value: of(({ chained }) => chained.cpuMsPerJob), unit: 'ms/job' },
    ...processes.map((name): Figure => {
      return { name: `  CPU of ${name}`, value: of(({ loop }) => loop.cpuMsPerTicket[name] ?? 0), unit: 'ms/ticket' };
    }),
  ];
  return {
    title,
    about: [
      ...about,
      'Raw: BullMQ alone on the same Redis (AOF everysec), as many jobs in the same queues with the same options, as many',
      'processes with the same concurrency, handlers that do nothing. Full queues: every process adds its share at once,',
      `at most ${WINDOW} \`add\` awaited in all. The loop's shape: ${WINDOW} chains under way, each handler adds what follows.`,
      'Rates leave out the first and the last tenth. Baseline of the CPU ratio: raw with full queues, as many jobs.',
    ],
    figures,
  };
}
