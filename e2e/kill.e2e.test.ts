import { afterAll, beforeAll, expect, test } from 'vitest';
import { KILL_CASES, type KillCase, type Step } from './support/kill-cases.ts';
import { approve, updatePlane } from './support/people.ts';
import { SERVICES, type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

// One stack for all cases. Each case takes one ticket the whole way, kills its victim at its moment, starts it again,
// and then counts: one session, one comment, one change of state.
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ gated: true });
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

const ROUNDS = Number(process.env.PCO_KILL_ROUNDS ?? 1);
const cases = KILL_CASES.flatMap((one) => Array.from({ length: ROUNDS }, () => one));

test.each(cases)('$victim killed $moment: one session, one comment, one state change', async (kill) => {
  const id = plan(kill);
  const steps: readonly [Step, () => Promise<unknown>][] = [
    ['poll', () => pollUntilPending(id)],
    ['approve', () => approve(stack, id).then(() => stack.waitForStatus(id, 'active', 'completed'))],
    ['work', () => finishWork(id)],
    ['update', () => updatePlane(stack, id, `Worked on ${id}.`).then(() => stack.waitForStatus(id, 'done'))],
  ];
  for (const [step, run] of steps) {
    if (step !== kill.step) await run();
    else {
      const moment = await kill.at(stack, id);
      const running = run();
      await moment.reached; // a moment that never comes fails the case: every kill really happens
      await killAndRestart(kill.victim);
      moment.release();
      await running;
    }
  }
  await expectOnce(id);
});

const plan = ({ victim, moment }: KillCase): string =>
  stack.emulator.createItem({ project: 'ACME', name: `${victim}: ${moment}`, state: 'Todo' }).key;

const pollUntilPending = async (id: string) => {
  await until(`${id} is pending`, async () => {
    await stack.poll().catch(() => undefined); // Redis may be the victim
    return until(
      'a moment has passed',
      async () => ((await stack.store.load(id)).ticket ? 'there' : false),
      2_000,
    ).catch(() => false);
  });
  await stack.waitForStatus(id, 'pending');
};

const finishWork = async (id: string) => {
  stack.openGate(id);
  await stack.waitForStatus(id, 'completed');
};

async function killAndRestart(victim: KillCase['victim']): Promise<void> {
  if (victim === 'redis') {
    await stack.redis.kill();
    await stack.redis.start();
    return;
  }
  const names = victim === 'all' ? SERVICES : [victim];
  await Promise.all(names.map((name) => stack.services[name].kill()));
  for (const name of names) stack.services[name].start();
}

async function expectOnce(id: string): Promise<void> {
  expect(stack.starts(id), 'agents started').toEqual([`claude-${id}`]);
  const { comments, stateHistory } = stack.emulator.item(id);
  // deleted ones count too: a second comment that was taken back would still have been there for a while
  expect(
    comments.map(({ html }) => html),
    'comments that Plane ever had',
  ).toHaveLength(1);
  expect(
    stateHistory.filter(({ by }) => by === 'orchestrator-bot').map(({ to }) => to),
    'state changes',
  ).toEqual(['In Progress']);
  await until('its slot is free and its session gone', async () => {
    const { client, keys } = stack.handle;
    return (await client.sismember(keys.slots('slots:all'), id)) === 0 && !stack.hasSession(`claude-${id}`);
  });
  await until('every effect has its outcome', async () => {
    const { ticket } = await stack.store.load(id);
    return Object.keys(ticket?.open ?? { none: 1 }).length === 0;
  });
}

test('nothing is left over: no lost effect, no dead letter, no foreign session', async () => {
  const { client, keys } = stack.handle;
  expect(await client.zcard(keys.outbox)).toBe(0);
  expect(await client.hlen(keys.effects)).toBe(0);
  expect(await client.hlen(keys.outboxBad)).toBe(0);
  expect(
    stack
      .tmux('list-sessions', '-F', '#{session_name}')
      .split('\n')
      .filter((name) => name.startsWith('claude-')),
  ).toEqual([]);
});
