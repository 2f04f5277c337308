import { expect, test } from 'vitest';
import { createRegistry } from '../metrics.ts';
import { createQueues } from '../queue/index.ts';
import { createTicketStore } from '../redis/index.ts';
import {
  by,
  coreFixture,
  RUNNER,
  redisFixture,
  silentLog,
  TICKET_ID,
  testConfig,
  testPolicy,
  trigger,
} from '../testing/index.ts';
import { createApply } from './apply.ts';
import { createDispatch } from './dispatch.ts';

const approved = { type: 'person.approved', by } as const;

/** A core with a ticket whose session works. */
async function activeTicket(config = testConfig()) {
  const core = await coreFixture(config);
  await core.change(trigger());
  await core.change(approved);
  const effectId = await core.openId('session.assign');
  await core.change({ type: 'slot.claimed', effectId, runner: RUNNER, capacity: 4, tokenHash: 'hash' });
  await core.change({ type: 'effect.done', effectId: await core.openId('session.start'), result: { branch: 'b' } });
  return core;
}

test('a change is answered with the ticket as it is stored', async () => {
  await using core = await coreFixture();
  const answer = await core.change(trigger());
  expect(answer).toMatchObject({ version: 1, ticket: { status: 'pending' } });
  expect(await core.ticket()).toEqual(answer.ticket);
});

test('what is said twice under one id is answered like the first time', async () => {
  await using core = await coreFixture();
  const told = { ...trigger(), id: 'req-1' };
  await core.tell(told, { once: true });
  await core.change(approved);
  expect(await core.tell(told, { once: true })).toMatchObject({ kind: 'seen', ticket: { status: 'approved' } });
});

test('a second approval is ignored, and one of a ticket that is not there is refused', async () => {
  await using core = await coreFixture();
  expect(await core.tell(approved)).toMatchObject({ kind: 'refused', code: 'TICKET_NOT_FOUND', ticket: null });
  await core.change(trigger());
  await core.change(approved);
  expect(await core.tell(approved)).toMatchObject({ kind: 'ignored', ticket: { status: 'approved' } });
});

test('a claim without a free slot is answered with the set that is full', async () => {
  await using core = await coreFixture(testConfig({ limits: { sessions: 1 } }));
  for (const id of ['ACME-1', 'ACME-2']) {
    await core.change({ ...trigger(), ticketId: id });
    await core.change({ ...approved, ticketId: id });
  }
  const claim = async (id: string) =>
    core.tell({
      type: 'slot.claimed',
      ticketId: id,
      effectId: await core.openId('session.assign', id),
      runner: RUNNER,
      capacity: 5,
      tokenHash: 'hash',
    });
  const answers = await Promise.all([claim('ACME-1'), claim('ACME-2')]);
  expect(answers.map(({ kind }) => kind).sort()).toEqual(['changed', 'full']);
  expect(answers).toContainEqual({ kind: 'full', set: 'slots:all' });
});

test('a work item of another ticket is answered with that ticket', async () => {
  await using core = await coreFixture();
  const told = trigger();
  await core.change(told);
  expect(await core.tell({ ...told, ticketId: 'RENAMED-1' })).toEqual({ kind: 'taken', ticketId: TICKET_ID });
});

test('an event that does not parse never reaches the ticket', async () => {
  await using core = await coreFixture();
  for (const ticketId of ['acme-16', '../ACME-16', 'ACME-16\n', 'ACME-16;x', `ACME-${'1'.repeat(300)}`])
    await expect(core.tell({ ...approved, ticketId })).rejects.toMatchObject({ code: 'PAYLOAD_INVALID' });
});

test('of fifty approvals at the same instant one changes the ticket and all are answered alike', async () => {
  await using core = await coreFixture();
  await using other = await coreFixture();
  const queues = createQueues(core.redis);
  await core.change(trigger());
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => core.tell({ ...approved, id: `a-${i}` })));
  expect(answers.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
  expect(answers.filter(({ kind }) => kind === 'ignored')).toHaveLength(49);
  const sessions = answers.map((answer) => 'ticket' in answer && answer.ticket?.sessionSeq);
  expect(new Set(sessions)).toEqual(new Set([1]));
  const queue = queues.get('session.default');
  expect(await queue.getJobCountByTypes('waiting', 'prioritized', 'delayed', 'active')).toBe(1);
  expect(await other.queues.get('session.default').count()).toBe(0);
  await queues[Symbol.asyncDispose]();
});

test('facts that all change the ticket at the same instant are all heard', async () => {
  await using core = await coreFixture();
  await core.change(trigger());
  const { workItem } = await core.ticket();
  const facts = Array.from({ length: 10 }, (_, i) => trigger({ workItem: { ...workItem, title: `title ${i}` } }));
  const answers = await Promise.all(facts.map((fact) => core.tell(fact)));
  expect(answers.map(({ kind }) => kind)).toEqual(facts.map(() => 'changed'));
  expect((await core.store.load(TICKET_ID)).version).toBe(11);
});

test('an observation at a version that is gone is dropped', async () => {
  await using core = await activeTicket();
  const readAt = await core.store.load(TICKET_ID);
  await core.change({ type: 'session.observed', sessionId: 'claude-ACME-16', state: 'asking' });
  const stale = await core.tell({ type: 'session.ended', sessionId: 'claude-ACME-16', exitCode: null }, { readAt });
  expect(stale).toMatchObject({ kind: 'dropped', ticket: { status: 'waiting' } });
  expect((await core.ticket()).session?.endedAt).toBeUndefined();
});

test('a fact at a version that is gone is decided again', async () => {
  await using core = await activeTicket();
  const readAt = await core.store.load(TICKET_ID);
  await core.change({ type: 'session.observed', sessionId: 'claude-ACME-16', state: 'asking' });
  const told = { type: 'completion.signalled', sessionId: 'claude-ACME-16', summary: 'done', channel: 'file' } as const;
  expect(await core.tell(told, { readAt })).toMatchObject({ kind: 'changed', ticket: { status: 'completed' } });
});

test('the job of an effect carries ids only, under the id of the effect', async () => {
  await using core = await coreFixture();
  await core.change(trigger({ workItem: { priority: 'urgent' } }));
  await core.change(approved);
  const effectId = await core.openId('session.assign');
  const job = await core.queues.get('session.default').getJob(effectId);
  expect(job?.data).toEqual({ ticketId: TICKET_ID, effectId, cid: 'cid-1' });
  expect(job?.opts.priority).toBe(1);
});

test('an effect with a delay is not sent at once', async () => {
  await using core = await activeTicket();
  await core.change({ type: 'completion.signalled', sessionId: 'claude-ACME-16', summary: 'done', channel: 'file' });
  await core.change({ type: 'effect.done', effectId: await core.openId('completion.collect'), result: {} });
  const stop = await core.openId('session.stop');
  expect(await core.queues.state(`runner.${RUNNER}`, stop)).toMatchObject({ state: 'absent' });
  const due = Number(await core.redis.client.zscore(core.redis.keys.outbox, stop));
  expect(due - (await core.store.load(TICKET_ID)).now).toBeGreaterThan(590_000);
});

test('a commit whose jobs cannot be sent is a commit all the same', async () => {
  await using redis = await redisFixture();
  const store = createTicketStore(redis.client, redis.keys);
  await using queues = createQueues(redis);
  const broken = {
    ...queues,
    add: async () => {
      throw new Error('the queue is not there');
    },
  };
  const dispatch = createDispatch({ store, queues: broken, log: silentLog });
  const apply = createApply({ store, dispatch, policyOf: () => testPolicy(), log: silentLog, graceMs: 0 });
  const head = { ticketId: TICKET_ID, cid: 'cid-1' };
  const told = { ...trigger(), ...head, id: 'e-1' } as Parameters<typeof apply>[0]; // a trigger with its head
  expect(await apply(told)).toMatchObject({ kind: 'changed' });
  expect(await store.takeDue(10, 1_000)).toHaveLength(1); // the sweep finds it
});

test('two cores under one prefix are one installation', async () => {
  await using core = await coreFixture();
  expect(core.installation).toMatch(/^pco[0-9a-f]{12}$/);
  expect(await core.redis.client.get(core.redis.keys.installation)).toBe(core.installation);
  expect(createRegistry()).not.toBe(core.registry);
});
