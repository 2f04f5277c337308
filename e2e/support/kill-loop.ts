import { expect } from 'vitest';
import type { KillCase, Step } from './kill-cases.ts';
import { approve, updatePlane } from './people.ts';
import { SERVICES, type Stack } from './stack.ts';
import { until } from './until.ts';

/** A victim may take this long to be back, and another master to be chosen. */
const PATIENCE_MS = 120_000;

/**
 * Takes one ticket the whole way, kills its victim at its moment, starts it again, and then counts: one session, one
 * comment, one change of state.
 */
export async function surviveKill(stack: Stack, kill: KillCase): Promise<void> {
  const id = stack.emulator.createItem({
    project: 'ACME',
    name: `${kill.victim}: ${kill.moment}`,
    state: 'Todo',
  }).key;
  const steps: readonly [Step, () => Promise<unknown>][] = [
    ['poll', () => pollUntilPending(stack, id)],
    ['approve', () => approve(stack, id).then(() => stack.waitForStatus(id, 'active', 'completed'))],
    ['work', () => finishWork(stack, id)],
    ['update', () => updatePlane(stack, id, `Worked on ${id}.`).then(() => stack.waitForStatus(id, 'done'))],
  ];
  for (const [step, run] of steps) {
    if (step !== kill.step) await run();
    else {
      const moment = await kill.at(stack, id);
      const running = run();
      await moment.reached; // a moment that never comes fails the case: every kill really happens
      await killAndRestart(stack, kill.victim);
      moment.release();
      await running;
    }
  }
  await expectOnce(stack, id);
}

async function pollUntilPending(stack: Stack, id: string): Promise<void> {
  await until(
    `${id} is pending`,
    async () => {
      await stack.poll().catch(() => undefined); // Redis may be the victim
      return until(
        'a moment has passed',
        async () => ((await stack.store.load(id)).ticket ? 'there' : false),
        2_000,
      ).catch(() => false);
    },
    PATIENCE_MS,
  );
  await stack.waitForStatus(id, 'pending');
}

async function finishWork(stack: Stack, id: string): Promise<void> {
  stack.openGate(id);
  await stack.waitForStatus(id, 'completed');
}

async function killAndRestart(stack: Stack, victim: KillCase['victim']): Promise<void> {
  if (victim === 'redis') {
    await stack.redis.kill();
    await stack.redis.start();
    return;
  }
  const names = victim === 'all' ? SERVICES : [victim];
  await Promise.all(names.map((name) => stack.services[name].kill()));
  for (const name of names) stack.services[name].start();
}

/** One session, one comment, one change of state, and nothing of it left to be done. */
export async function expectOnce(stack: Stack, id: string): Promise<void> {
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
  await until(
    'its slot is free and its session gone',
    async () => {
      const { client, keys } = stack.handle;
      return (await client.sismember(keys.slots('slots:all'), id)) === 0 && !stack.hasSession(`claude-${id}`);
    },
    PATIENCE_MS,
  );
  await until(
    'every effect has its outcome',
    async () => {
      const { ticket } = await stack.store.load(id);
      return Object.keys(ticket?.open ?? { none: 1 }).length === 0;
    },
    PATIENCE_MS,
  );
}

/** No lost effect, no dead letter, no foreign session. */
export async function expectNothingLeft(stack: Stack): Promise<void> {
  const { client, keys } = stack.handle;
  expect(await client.zcard(keys.outbox)).toBe(0);
  expect(await client.hlen(keys.effects)).toBe(0);
  expect(await client.hlen(keys.outboxBad)).toBe(0);
  const sessions = stack.tmux('list-sessions', '-F', '#{session_name}').split('\n');
  expect(sessions.filter((name) => name.startsWith('claude-'))).toEqual([]);
}
