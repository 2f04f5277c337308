import { DelayedError, UnrecoverableError, Worker } from 'bullmq';
import { expect, test } from 'vitest';
import { createQueueMetrics, Registry } from '../metrics.ts';
import { createQueues, type Queues } from '../queue/index.ts';
import { createTicketStore, queuePrefix } from '../redis/index.ts';
import {
  by,
  eventually,
  RUNNER,
  redisFixture,
  silentLog,
  TICKET_ID,
  type Told,
  testPolicy,
  trigger,
} from '../testing/index.ts';
import { createApply } from './apply.ts';
import { createDispatch } from './dispatch.ts';
import { startSweep, sweepOnce } from './sweep.ts';

/** Store, queues and `apply`, without a sweep of its own; `offline` makes every job vanish on its way. */
async function sweepFixture() {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await redisFixture());
  const real = stack.use(createQueues(redis));
  const store = createTicketStore(redis.client, redis.keys);
  const state = { offline: false };
  const queues: Queues = {
    ...real,
    add: (...args) => (state.offline ? Promise.reject(new Error('no queue')) : real.add(...args)),
  };
  const registry = new Registry();
  const dispatch = createDispatch({ store, queues, log: silentLog, gatherMs: 0 });
  const apply = createApply({ store, dispatch, policyOf: () => testPolicy(), log: silentLog, graceMs: 0 });
  const deps = { store, queues, apply, log: silentLog, metrics: createQueueMetrics(registry) };
  const dueIn = async (id: string): Promise<number> => {
    const { now } = await store.load(TICKET_ID);
    return Number((await redis.client.zscore(redis.keys.outbox, id)) ?? Number.NaN) - now;
  };
  let count = 0;
  const change = async (told: Told) => {
    count += 1;
    const head = { id: `event-${count}`, ticketId: TICKET_ID, cid: 'cid-1' };
    const answer = await apply({ ...head, ...told } as Parameters<typeof apply>[0]); // a told event with its head
    if (answer.kind !== 'changed') throw new Error(`${told.type}: ${JSON.stringify(answer)}`);
    const sent = answer.change.opens.filter(({ item, delayMs }) => item.queue !== null && delayMs === 0);
    if (state.offline) return;
    for (const { item } of sent) await eventually(() => dueIn(item.id)).toBeGreaterThan(50_000);
  };
  const ticket = async () => (await store.load(TICKET_ID)).ticket;
  const openId = async (type: string): Promise<string> =>
    Object.entries((await ticket())?.open ?? {}).find(([, effect]) => effect.type === type)?.[0] ?? '';
  const opened = stack.move();
  return {
    redis,
    queues,
    store,
    deps,
    state,
    change,
    ticket,
    openId,
    outcomes: async () => {
      const text = await registry.metrics();
      const lines = [...text.matchAll(/outbox_items_swept_total\{outcome="(\w+)"\} (\d+)/g)];
      return Object.fromEntries(lines.map(([, outcome, n]) => [outcome, Number(n)]));
    },
    /** Makes an item due now, as if its time had passed. */
    due: (id: string) => store.postpone(-1, id),
    dueIn,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
type Fixture = Awaited<ReturnType<typeof sweepFixture>>;

test('a job that waits by a clock which was set back meanwhile runs all the same', async () => {
  await using f = await approvedTicket();
  const day = 86_400_000;
  const job = await f.queues.get('session.default').getJob(f.assign);
  const prefix = queuePrefix(f.redis.prefix, 'session.default');
  const worker = new Worker(
    'session.default',
    async (taken, token) => {
      await taken.moveToDelayed(Date.now() + day, token); // five seconds, said a clock that was a day ahead
      throw new DelayedError();
    },
    { connection: f.redis.client, prefix },
  );
  await eventually(() => job?.getState()).toBe('delayed');
  await worker.close();
  await f.due(f.assign);
  await sweepOnce(f.deps);
  await eventually(async () => (await f.queues.state('session.default', f.assign)).state).toBe('waiting');
  expect(await f.dueIn(f.assign)).toBeGreaterThan(50_000);
});

async function approvedTicket(): Promise<Fixture & { assign: string }> {
  const f = await sweepFixture();
  await f.change(trigger());
  await f.change({ type: 'person.approved', by });
  return { ...f, assign: await f.openId('session.assign') };
}

const SESSION = 'session.default';

test('an effect whose job was never sent is sent', async () => {
  await using f = await sweepFixture();
  f.state.offline = true;
  await f.change(trigger());
  await f.change({ type: 'person.approved', by });
  const assign = await f.openId('session.assign');
  await sweepOnce(f.deps);
  expect((await f.queues.state(SESSION, assign)).state).toBe('absent'); // still no queue: tried, and not given up
  f.state.offline = false;
  await f.due(assign);
  await sweepOnce(f.deps);
  const job = await f.queues.get(SESSION).getJob(assign);
  expect(job?.data).toEqual({ ticketId: TICKET_ID, effectId: assign, cid: 'cid-1' });
  expect(job?.opts.priority).toBe(2);
  expect(await f.dueIn(assign)).toBeGreaterThan(50_000);
});

test('the sweep of a core heals a dispatch that failed, by itself', async () => {
  await using f = await sweepFixture();
  f.state.offline = true;
  await f.change(trigger());
  f.state.offline = false;
  await using _sweep = startSweep(f.deps, 20);
  const notify = await f.openId('notify');
  await f.due(notify);
  await eventually(async () => (await f.queues.state('notify', notify)).state).toBe('waiting');
});

test('a job that waits is left alone and looked after again in a minute', async () => {
  await using f = await approvedTicket();
  await f.due(f.assign);
  await sweepOnce(f.deps);
  expect(await f.outcomes()).toMatchObject({ waiting: 1 });
  expect(await f.dueIn(f.assign)).toBeGreaterThan(50_000);
  expect(await f.queues.get(SESSION).count()).toBe(1);
});

test('a job that ended without an outcome runs once more', async () => {
  await using f = await approvedTicket();
  const job = await f.queues.get(SESSION).getJob(f.assign);
  await finish(f, 'completed');
  expect(await job?.getState()).toBe('completed');
  await f.due(f.assign);
  await sweepOnce(f.deps);
  expect((await f.queues.state(SESSION, f.assign)).state).toBe('waiting');
  expect(await f.outcomes()).toMatchObject({ dispatched: 1 });
});

test('a job that failed without an outcome makes the effect fail, with its reason', async () => {
  await using f = await approvedTicket();
  await finish(f, 'failed');
  await f.due(f.assign);
  await sweepOnce(f.deps);
  expect(await f.ticket()).toMatchObject({
    status: 'failed',
    reason: { code: 'START_FAILED', text: 'job stalled more than allowable limit' },
  });
  expect(Number.isNaN(await f.dueIn(f.assign))).toBe(true);
});

test('a timer that is due is told to its ticket', async () => {
  await using f = await approvedTicket();
  await f.change({ type: 'slot.claimed', effectId: f.assign, runner: RUNNER, capacity: 1, tokenHash: 'hash' });
  const timer = await f.openId('timer');
  await sweepOnce(f.deps);
  expect((await f.ticket())?.status).toBe('starting'); // not yet
  await f.due(timer);
  await sweepOnce(f.deps);
  expect(await f.ticket()).toMatchObject({ status: 'failed', reason: { code: 'START_TIMEOUT' } });
  expect(await f.redis.client.hexists(f.redis.keys.effects, timer)).toBe(0);
});

test('an unreadable item is set aside, one of a newer version is left, and the rest is handled', async () => {
  await using f = await approvedTicket();
  const { client, keys } = f.redis;
  const newer = {
    id: 'ACME-16-v9-1',
    ticketId: TICKET_ID,
    type: 'moon.land',
    queue: 'moon',
    args: {},
    cid: 'c',
    at: 1,
  };
  const lost = { ...newer, id: 'ACME-16-v9-2', type: 'notify', queue: 'queue-of-a-newer-version' };
  const bad = ['', 'not JSON', '{"id":"x"}', 'null'];
  for (const [i, json] of bad.entries()) {
    await client.zadd(keys.outbox, i, `ACME-16-v8-${i}`);
    await client.hset(keys.effects, `ACME-16-v8-${i}`, json);
  }
  for (const item of [newer, lost]) {
    await client.zadd(keys.outbox, 5, item.id);
    await client.hset(keys.effects, item.id, JSON.stringify(item));
  }
  await f.queues.remove(SESSION, f.assign);
  await f.due(f.assign);
  await sweepOnce(f.deps);
  expect(Object.values(await client.hgetall(keys.outboxBad)).sort()).toEqual([...bad].sort());
  expect(await client.hmget(keys.effects, newer.id, 'ACME-16-v8-0')).toEqual([JSON.stringify(newer), null]);
  expect((await f.queues.state(SESSION, f.assign)).state).toBe('waiting');
  expect(await f.outcomes()).toEqual({ set_aside: 4, left: 1, error: 1, dispatched: 1 });
});

test('an effect that a commit closes while it is looked after does not come back', async () => {
  await using f = await approvedTicket();
  await f.due(f.assign);
  const [taken] = await f.store.takeDue(10, 10_000);
  expect(taken?.id).toBe(f.assign);
  await f.change({ type: 'person.cancelled', by });
  expect(await f.store.postpone(60_000, f.assign)).toBe(0);
  expect(await f.redis.client.exists(f.redis.keys.outbox, f.redis.keys.effects)).toBe(0);
});

test.each(['completed', 'failed'] as const)(
  'an item of a ticket that is gone is set aside when its job has %s',
  async (how) => {
    await using f = await approvedTicket();
    await finish(f, how);
    const { client, keys } = f.redis;
    await client.del(keys.ticket(TICKET_ID)); // as after a repair by hand that took the one and not the other
    await f.due(f.assign);
    await sweepOnce(f.deps);
    expect(await client.hkeys(keys.outboxBad)).toEqual([f.assign]);
    expect(await client.hexists(keys.effects, f.assign)).toBe(0);
    expect(await client.zscore(keys.outbox, f.assign)).toBeNull();
  },
);

test('two sweeps at once look after an item once', async () => {
  await using f = await approvedTicket();
  await f.due(f.assign);
  await Promise.all([sweepOnce(f.deps), sweepOnce(f.deps), sweepOnce(f.deps)]);
  expect(await f.outcomes()).toEqual({ waiting: 1 });
});

/** Ends the job of the assignment as a worker would, without our handler. */
async function finish(f: Fixture, how: 'completed' | 'failed'): Promise<void> {
  const worker = new Worker(SESSION, null, {
    connection: f.redis.client,
    prefix: queuePrefix(f.redis.prefix, SESSION),
    autorun: false,
  });
  const job = await worker.getNextJob('token');
  if (how === 'completed') await job?.moveToCompleted('', 'token', false);
  else {
    await job?.moveToFailed(new UnrecoverableError('job stalled more than allowable limit'), 'token', false);
  }
  await worker.close();
}
