import { type LoopRound, runLoop } from './loop.ts';
import { type LoopStack, startLoopStack } from './support/loop-stack.ts';
import { peopleAtTheCore } from './support/people.ts';
import type { Progress } from './support/progress.ts';
import type { Section } from './support/report.ts';
import { median } from './support/stats.ts';
import { PROJECTS, SLOTS, WINDOW } from './throughput.ts';

export interface ReplicasOptions {
  readonly perProject: number;
  readonly rounds: number;
  readonly progress: Progress;
}

/** What it costs that a decision counts only when a replica has it: the loop with and without, in turn. */
export async function measureReplicas({ perProject, rounds, progress }: ReplicasOptions): Promise<Section> {
  await using stack = new AsyncDisposableStack();
  const start = async (waitReplicas: number) => {
    progress.tick(`starting the loop that waits for ${waitReplicas} replicas`);
    const shape = { agent: 'no-op', slots: SLOTS, projects: PROJECTS } as const;
    const loop = stack.use(await startLoopStack({ ...shape, waitReplicas }));
    return { loop, people: stack.use(peopleAtTheCore(loop)) };
  };
  const sides = { never: await start(0), one: await start(1) };
  const run = (side: keyof typeof sides, name: string): Promise<LoopRound> => {
    const { loop, people }: { loop: LoopStack; people: ReturnType<typeof peopleAtTheCore> } = sides[side];
    const tell = (done: number, all: number) => progress.tick(`${name}: ${done} of ${all} tickets done`);
    return runLoop(loop, { perProject, window: WINDOW, people, intakeFirst: true, progress: tell });
  };
  for (const side of ['never', 'one'] as const) await run(side, 'warming up');
  const pairs: { never: LoopRound; one: LoopRound }[] = [];
  for (let i = 1; i <= rounds; i += 1) {
    const pair = { never: await run('never', `not waiting, round ${i}`), one: await run('one', `waiting, round ${i}`) };
    pairs.push(pair);
    progress.say(`replicas, round ${i} of ${rounds}: ratio ${ratioOf(pair).toFixed(3)}`);
  }
  const of = (read: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(read));
  return {
    title: 'Loop, pending → done, waiting for a replica',
    about: [
      'Redis with one replica on the same machine; redis.wait_replicas 1 and 0 in turn, otherwise as the first section. Here',
      'a WAIT costs processor time of the replica and of us; between machines their distance comes to each commit.',
    ],
    figures: [
      { name: 'tickets/s, waiting for one / waiting for none', value: of(ratioOf), unit: '' },
      { name: 'tickets, waiting for one replica', value: of(({ one }) => one.ticketsPerSecond), unit: '/s' },
      { name: 'tickets, waiting for none', value: of(({ never }) => never.ticketsPerSecond), unit: '/s' },
      { name: 'ticket from approval to done, p50, waiting', value: of(({ one }) => one.p50Ms), unit: 'ms' },
      { name: 'ticket from approval to done, p50, not waiting', value: of(({ never }) => never.p50Ms), unit: 'ms' },
    ],
  };
}

const ratioOf = ({ never, one }: { never: LoopRound; one: LoopRound }): number =>
  one.ticketsPerSecond / never.ticketsPerSecond;
