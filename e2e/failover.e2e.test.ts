import type { Status } from '@pco/shared/domain';
import { type RedisPlace, startClusterPlace, startSentinelPlace } from '@pco/shared/testing';
import { pause } from '@pco/shared/time';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KILL_CASES } from './support/kill-cases.ts';
import { expectNothingLeft, expectOnce, surviveKill } from './support/kill-loop.ts';
import { ask } from './support/people.ts';
import type { MortalRedis } from './support/redis-under-test.ts';
import { type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

// The whole product on a Redis of several servers, of which the master is killed for good: another one takes over, and
// the dead one comes back as its replica. The soak goes through every moment many times, and then lets masters die
// under many tickets at once.
const ROUNDS = Number(process.env.PCO_FAILOVER_ROUNDS ?? 0);
const TICKETS = Number(process.env.PCO_FAILOVER_TICKETS ?? 0);
const SHORT = ['right after the approval is committed', "after Plane's 201, before the answer arrives"];
const CASE_MS = 180_000;
const TICKET_MS = 10_000;
const LIMIT_MS = CASE_MS + TICKETS * TICKET_MS;
const AT_ONCE = 20;
/** Between the end of a failover and the next. */
const REST_MS = 4_000;

const moments = KILL_CASES.filter(({ victim }) => victim === 'redis');
const cases = ROUNDS > 0 ? moments.flatMap((one) => Array.from({ length: ROUNDS }, () => one)) : [];

const underTest = (place: RedisPlace): MortalRedis => ({
  settings: place.settings,
  kill: () => place.killMaster('{e2e}:outbox'),
  start: () => place.revive(),
  [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
});

describe.each([
  { where: 'behind sentinels', startPlace: startSentinelPlace, short: SHORT },
  { where: 'in a cluster', startPlace: () => startClusterPlace(), short: SHORT.slice(0, 1) },
])('$where', ({ startPlace, short, where }) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ gated: true, redis: async () => underTest(await startPlace()) });
  }, CASE_MS);
  afterAll(() => stack?.[Symbol.asyncDispose]());

  const chosen = ROUNDS > 0 ? cases : moments.filter(({ moment }) => short.includes(moment));
  test.each(chosen)(
    'the master dies $moment: one session, one comment, one state change',
    { timeout: CASE_MS },
    (kill) => surviveKill(stack, kill),
  );

  test.runIf(TICKETS > 0)(
    'masters die under many tickets: nothing is lost and nothing doubled',
    {
      timeout: LIMIT_MS + CASE_MS,
    },
    async ({ onTestFinished }) => {
      const enough = new AbortController();
      onTestFinished(() => enough.abort());
      const dying = keepKilling(stack.redis, enough.signal);
      const ids = await takeAll(stack).finally(() => enough.abort());
      const failovers = await dying;
      for (const id of ids) await expectOnce(stack, id);
      expect(failovers).toBeGreaterThan(1);
      console.log(`failover: ${TICKETS} tickets ${where}, ${failovers} failovers`);
    },
  );

  test('nothing is left over: no lost effect, no dead letter, no foreign session', () => expectNothingLeft(stack));
});

async function keepKilling(redis: MortalRedis, signal: AbortSignal): Promise<number> {
  let failovers = 0;
  while (!signal.aborted) {
    await redis.kill();
    await redis.start();
    failovers += 1;
    await pause(Math.random() * 2 * REST_MS, signal);
  }
  return failovers;
}

/** Work items become tickets, are approved, worked on and written back, many side by side. */
async function takeAll(stack: Stack): Promise<string[]> {
  const ids = Array.from({ length: TICKETS }, (_, index) => {
    return stack.emulator.createItem({ project: 'ACME', name: `Outlive ${index}`, state: 'Todo' }).key;
  });
  await until(
    'every ticket is there',
    async () => {
      await stack.poll().catch(() => undefined); // a job that was lost with its master is asked for again
      return (await stack.store.counts()).pending === TICKETS;
    },
    LIMIT_MS,
  );
  for (let at = 0; at < TICKETS; at += AT_ONCE)
    await Promise.all(
      ids.slice(at, at + AT_ONCE).map(async (id) => {
        stack.openGate(id);
        const [approve, update] = [`/api/approve/${id}?wait=0`, `/api/update-plane/${id}?wait=0`];
        await press(stack, id, { path: approve, from: 'pending', to: 'completed' });
        await press(stack, id, { path: update, body: { summary: `Worked on ${id}.` }, from: 'completed', to: 'done' });
      }),
    );
  return ids;
}

interface Press {
  readonly path: string;
  readonly body?: object;
  readonly from: Status;
  readonly to: Status;
}

/**
 * As a person does it who looks at the ticket: what is shown before every replica has it may be taken back by a failover,
 * and what was refused is pressed again once it is shown again. What was taken is not: it has to hold.
 */
async function press(stack: Stack, id: string, { path, body, from, to }: Press): Promise<void> {
  let isTaken = false;
  let answered = 0;
  await until(
    () => `${id} is ${to}; ${path} was answered last with ${answered}`,
    async () => {
      const { ticket } = await stack.store.load(id);
      if (!isTaken && ticket?.status === from) {
        answered = (await ask(stack, 'POST', path, body)).status;
        isTaken = answered > 0 && answered < 400;
      }
      return ticket?.status === to;
    },
    LIMIT_MS,
  );
}
