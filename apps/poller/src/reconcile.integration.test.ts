import { eventually } from '@pco/shared/testing';
import { describe, expect, test } from 'vitest';
import { type LookFixture, lookFixture } from './testing/look-fixture.ts';

const NOW = { bumpDelayMs: 0 };

/** A ticket whose session runs, as far as the records say. */
async function startSession(p: LookFixture, key: string): Promise<void> {
  await p.core.change({ type: 'person.approved', by: 'ada', ticketId: key });
  const effectId = await p.core.openId('session.assign', key);
  await p.core.change({
    ...{ type: 'slot.claimed', effectId, runner: 'runner-1', capacity: 5, tokenHash: 'h', ticketId: key },
  });
  const started = await p.core.openId('session.start', key);
  const result = { branch: `pco/${key}` };
  await p.core.change({ type: 'effect.done', effectId: started, result, ticketId: key });
}

async function pending(p: LookFixture, name = 'Login fails') {
  const item = p.newItem(name);
  await p.poll();
  expect(await p.status(item.key)).toBe('pending');
  return item;
}

/** Time passes for the poller: what it does at most every minute is due again. */
const minutesPass = (p: LookFixture) => p.core.redis.client.hset(p.core.redis.keys.cursor(p.projectId), { sweptAt: 1 });

describe('a work item that somebody ends while its ticket is pending', () => {
  test.each([
    ['completed', 'completed in Plane ("Done")', (p, id) => p.emulator.editItem(id, { state: 'Done' })],
    ['cancelled', 'cancelled in Plane ("Cancelled")', (p, id) => p.emulator.editItem(id, { state: 'Cancelled' })],
    ['deleted', 'deleted or archived in Plane', (p, id) => p.emulator.deleteItem(id)],
    ['archived', 'deleted or archived in Plane', (p, id) => p.emulator.archiveItem(id)],
  ] as const satisfies readonly (readonly [string, string, (p: LookFixture, id: string) => void])[])(
    '%s: the ticket is cancelled with a note',
    async (_how, why, end) => {
      await using p = await lookFixture({ settings: NOW });
      const { id, key } = await pending(p);
      const other = await pending(p, 'stays');
      end(p, id);
      await p.poll();
      const { status, reason } = await p.core.ticket(key);
      expect({ status, text: reason?.text }).toEqual({ status: 'cancelled', text: why });
      expect(await p.status(other.key)).toBe('pending');
      p.emulator.clearRequests();
      await p.poll();
      expect(p.requests()).toEqual([`GET ${p.projectId}/work-items/`]);
    },
  );

  test('unassigned, where that is configured', async () => {
    await using p = await lookFixture({ settings: NOW, config: { plane: { close_on_unassign: true } } });
    const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'x', state: 'Todo', assignees: ['alice'] });
    await p.poll();
    expect(await p.status(key)).toBe('pending');
    p.emulator.editItem(id, { assignees: [] });
    await p.poll();
    expect((await p.core.ticket(key)).reason?.text).toMatch(/assigned/);
  });
});

test('restored from the archive it is new again', async () => {
  await using p = await lookFixture({ settings: NOW });
  const { id, key } = await pending(p);
  p.emulator.archiveItem(id);
  await minutesPass(p);
  await p.poll();
  expect(await p.status(key)).toBe('cancelled');
  p.emulator.archiveItem(id, false);
  await p.poll();
  expect(await p.status(key)).toBe('pending');
});

test.each(['completed', 'deleted'])('%s while its session runs, the session is asked to stop', async (how) => {
  await using p = await lookFixture({ settings: NOW });
  const { id, key } = await pending(p);
  await startSession(p, key);
  if (how === 'completed') p.emulator.editItem(id, { state: 'Done' });
  else p.emulator.deleteItem(id);
  await p.poll(); // no minute passes: who is at work is looked at at once
  const ticket = await p.core.ticket(key);
  expect(ticket.status).toBe('cancelled');
  expect(ticket.reason?.text).toMatch(`the session is stopped; the work stays on the branch pco/${key}`);
  expect(await p.core.openId('session.stop', key)).toBeDefined();
});

test('while there is no request left for its comments, an end is seen all the same, and its comment no trigger', async () => {
  await using p = await lookFixture({ settings: NOW });
  const { id, key } = await pending(p);
  p.emulator.comment(id, { html: '<p>done by hand</p>' });
  p.emulator.editItem(id, { state: 'Done' });
  p.emulator.fault({ kind: 'rate-limit', retryAfterSeconds: 0, pathPattern: '/comments/', times: 1 });
  await p.core.queues.hint('plane-read', 'poll', { projectId: p.projectId }, `poll-${p.projectId}`);
  await eventually(() => p.status(key)).toBe('cancelled');
  await p.pollUntil(() => p.emulator.countRequests({ pathPattern: '/comments/', status: 200 }) > 1);
  expect(await p.status(key)).toBe('cancelled');
  expect(await p.triggers(key)).toHaveLength(1);
});

test('a project with a session is polled within 15 s, whatever the interval', async () => {
  await using p = await lookFixture({ settings: NOW });
  const { key } = await pending(p);
  const { client, keys } = p.core.redis;
  const begunAt = async () => Number(await client.zscore(keys.polls, p.projectId));
  await startSession(p, key);
  const now = (await client.time().then(([s]) => Number(s))) * 1_000;
  await client.zadd(keys.polls, now - 13_000, p.projectId);
  await eventually(begunAt).toBeGreaterThanOrEqual(now);
});

test('our own write of a completed state ends nothing, and neither does a person while the comment is on its way', async () => {
  await using p = await lookFixture({ settings: NOW });
  const { id, key } = await pending(p);
  await startSession(p, key);
  const sessionId = `claude-${key}`;
  const told = { type: 'completion.signalled' as const, sessionId, summary: 'Done.', channel: 'file' as const };
  await p.core.change({ ...told, ticketId: key });
  await p.core.change({ type: 'person.update_approved', by: 'ada', ticketId: key });
  p.emulator.editItem(id, { state: 'In Progress' });
  p.emulator.editItem(id, { state: 'Done' });
  await p.poll();
  expect(await p.status(key)).toBe('updating');
  p.emulator.editItem(id, { state: 'Todo' });
  p.emulator.editItem(id, { state: 'Done', by: 'orchestrator-bot' });
  await p.core.redis.client.set(p.core.redis.keys.ownState(id), await p.stateOf(id), 'PX', 60_000);
  await p.poll();
  expect(await p.status(key)).toBe('updating');
});

describe('a project that cannot be read', () => {
  test.each([
    ['archived', (p: LookFixture, is: boolean) => p.emulator.archiveProject('ACME', is), /archived/],
    ['left by us', (p: LookFixture, is: boolean) => p.emulator.setRole('ACME', is ? null : 15), /member/],
  ])('because it was %s closes nothing, says so, and is read on afterwards', async (_how, set, why) => {
    await using p = await lookFixture({ settings: NOW });
    const { key } = await pending(p);
    set(p, true);
    await p.poll();
    await p.poll();
    expect(await p.status(key)).toBe('pending');
    expect((await p.health()).error).toMatch(why);
    expect(p.lines('poll.failed')).toHaveLength(1);
    set(p, false);
    const next = await pending(p, 'afterwards');
    expect(next.key).not.toBe(key);
    expect(await p.health()).toMatchObject({ failures: '0', error: '' });
    expect(await p.triggers(key)).toHaveLength(1);
    expect(p.lines('poll.recovered')).toHaveLength(1);
  });

  test('because it was archived before the first look is no baseline', async () => {
    await using p = await lookFixture({
      settings: NOW,
      baseline: false,
      prepare: (emulator) => {
        emulator.createItem({ project: 'ACME', name: 'old', state: 'Todo' });
        emulator.archiveProject('ACME');
      },
    });
    await eventually(async () => (await p.health()).error).toMatch(/archived/);
    p.emulator.archiveProject('ACME', false);
    await p.poll();
    await p.poll();
    expect(await p.status('ACME-1')).toBeNull();
  });
});

describe('all work items are compared', () => {
  test('when one came while another went, so that their number is the same', async () => {
    await using p = await lookFixture({ settings: NOW });
    const { id, key } = await pending(p);
    p.emulator.deleteItem(id);
    await minutesPass(p);
    const next = await pending(p, 'in its place');
    expect(await p.status(key)).toBe('cancelled');
    expect(await p.status(next.key)).toBe('pending');
  });

  test('after a downtime, every hour, and for their number', async () => {
    await using p = await lookFixture({ settings: NOW });
    const { id, key } = await pending(p);
    const { client, keys } = p.core.redis;
    const sweeps = () => p.lines('poll.swept').length;
    await p.poll();
    expect(sweeps()).toBe(0);
    await client.hset(keys.cursor(p.projectId), { polledAt: 1 });
    await p.poll();
    expect(sweeps()).toBe(1);
    await minutesPass(p); // much more than an hour
    await p.poll();
    expect(sweeps()).toBe(2);
    p.emulator.deleteItem(id);
    await p.poll();
    expect(sweeps()).toBe(3);
    expect(await p.status(key)).toBe('cancelled');
  });

  test('for their number at most once a minute when there are 10,000', async () => {
    await using p = await lookFixture({
      settings: NOW,
      prepare: (emulator) => void emulator.createItems({ project: 'ACME', count: 10_000, state: 'Todo' }),
    });
    const { id, key } = await pending(p);
    p.emulator.deleteItem(id);
    await p.poll();
    await p.poll();
    expect(await p.status(key)).toBe('pending');
    expect(p.lines('poll.swept')).toHaveLength(0);
    const { client, keys } = p.core.redis;
    await client.hincrby(keys.cursor(p.projectId), 'sweptAt', -61_000);
    await p.poll();
    expect(p.lines('poll.swept')).toHaveLength(1);
    expect(await p.status(key)).toBe('cancelled');
  });

  test('and a work item that became visible far behind newer ones is found', async () => {
    await using p = await lookFixture({ settings: NOW });
    p.emulator.createItems({ project: 'ACME', count: 150, state: 'Backlog' });
    await p.poll();
    const long = { updated_at: '2026-01-01T00:00:00Z' };
    const { key } = p.emulator.createItem({ project: 'ACME', name: 'late', state: 'Todo', ...long });
    await minutesPass(p);
    await p.poll();
    await p.poll();
    expect(await p.status(key)).toBe('pending');
  });

  test('in parts, when the budget does not allow it at once', async () => {
    await using p = await lookFixture({
      settings: { ...NOW, maxPerPage: 100 },
      prepare: (emulator) => void emulator.createItems({ project: 'ACME', count: 1_000, state: 'Todo' }),
    });
    p.emulator.deleteItem('ACME-500');
    await minutesPass(p);
    const rule = { kind: 'rate-limit' as const, retryAfterSeconds: 0, pathPattern: 'cursor=100%3A5', times: 1 };
    p.emulator.fault(rule);
    p.emulator.clearRequests();
    await p.pollUntil(() => p.lines('poll.swept').length === 1);
    const pages = p.emulator.requests({ pathPattern: 'fields=id%2Cupdated_at%2Clast_activity_at(&|$)', status: 200 });
    expect(pages.length).toBe(10);
    expect(await p.health()).toMatchObject({ failures: '0' });
    const { client, keys } = p.core.redis;
    expect(await client.scard(keys.doubts(p.projectId))).toBe(0);
    expect(await client.exists(keys.sweep(p.projectId), keys.swept(p.projectId))).toBe(0);
  });
});

test('a copy of Plane that lags behind moves nothing back', async () => {
  await using p = await lookFixture({ settings: NOW });
  const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'x', state: 'Backlog' });
  await p.poll();
  p.emulator.editItem(id, { state: 'Todo' });
  await p.hint(id);
  await eventually(() => p.status(key)).toBe('pending');
  await p.idle();
  p.emulator.fault({ kind: 'stale', pathPattern: '/work-items/\\?', times: 1 });
  await p.poll();
  await p.poll();
  await p.poll();
  expect(await p.triggers(key)).toHaveLength(1);
});
