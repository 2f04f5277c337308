import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, RUNNER } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { observeOnce, tellObserved } from './observe.ts';
import { reconcileOnce } from './reconcile.ts';
import type { SessionRecord, SessionsClient } from './sessions-client.ts';
import { hostFixture } from './testing/host-fixture.ts';

/** A host whose terminals are what the test says. */
async function terminals(more: Partial<SessionsClient> = {}, silent_after = 600) {
  const live = new Map<string, SessionRecord>();
  const removed: string[] = [];
  const hooks = { beforeList: async () => {} };
  const f = await hostFixture(
    {
      list: async () => {
        await hooks.beforeList();
        return [...live.values()];
      },
      remove: async (id) => {
        removed.push(id);
        live.delete(id);
      },
      ...more,
    },
    { silent_after },
  );
  const orphans = new Set<string>();
  const run = (sessionId: string, source = 'automation') =>
    live.set(sessionId, { sessionId, source, effect: null, projectId: null, active: true });
  return {
    ...f,
    live,
    removed,
    hooks,
    run,
    look: () => reconcileOnce(f.host, orphans),
    slots: () => f.core.redis.client.smembers(f.core.redis.keys.slots(`slots:runner:${RUNNER}`)),
    [Symbol.asyncDispose]: () => f[Symbol.asyncDispose](),
  };
}

test('a session that is gone ends its ticket’s session, with the exit code that the launcher noted', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  await t.host.files('claude-ACME-1').write('exit', '3\n');
  expect(await t.slots()).toEqual(['ACME-1']);
  await t.look();
  expect(await t.core.ticket('ACME-1')).toMatchObject({
    status: 'failed',
    reason: { code: 'NO_SUMMARY', text: expect.stringContaining('exit code 3') },
  });
  expect(await t.slots()).toEqual([]);
});

test('its end is told also where nobody can read what it has used', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  const files = t.host.files('claude-ACME-1');
  const transcript = join(files.dir, 'transcript.jsonl');
  mkdirSync(transcript); // no file
  await files.write('conversations', `${transcript}\n`);
  await t.look();
  expect(await t.core.ticket('ACME-1')).toMatchObject({ status: 'failed', reason: { code: 'NO_SUMMARY' } });
});

test('a session that runs is left alone', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  t.run('claude-ACME-1');
  for (let looks = 0; looks < 3; looks += 1) await t.look();
  expect((await t.core.ticket('ACME-1')).status).toBe('active');
  expect(t.removed).toEqual([]);
});

test('a look that was overtaken changes nothing', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  t.hooks.beforeList = async () => {
    t.hooks.beforeList = async () => {};
    const told = { type: 'session.observed', sessionId: 'claude-ACME-1', state: 'asking' } as const;
    await t.core.change({ ...told, ticketId: 'ACME-1' }); // between reading the record and looking at tmux
  };
  await t.look();
  expect((await t.core.ticket('ACME-1')).status).toBe('waiting');
  await t.look();
  expect((await t.core.ticket('ACME-1')).status).toBe('failed');
});

test('a ticket whose start is still open is not judged', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  await t.core.change({
    type: 'completion.signalled',
    ticketId: 'ACME-1',
    sessionId: 'claude-ACME-1',
    summary: 'x',
    channel: 'file',
  });
  t.run('claude-ACME-1');
  await t.core.change({ type: 'person.rejected', ticketId: 'ACME-1', by: 'ada', text: 'more' });
  t.live.clear();
  await t.look(); // an answer is on its way to that session: its own outcome will say
  expect((await t.core.ticket('ACME-1')).status).toBe('active');
});

test('a session that no ticket owns any more is stopped at the second look, one of somebody else never', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  t.run('claude-ACME-1');
  await t.core.change({ type: 'person.cancelled', ticketId: 'ACME-1', by: 'ada' });
  const stop = await t.core.openId('session.stop', 'ACME-1');
  t.run('of-a-person', 'user');
  t.run('not-of-this-host');
  for (let looks = 0; looks < 3; looks += 1) await t.look();
  expect(t.removed).toEqual([]); // its own stop is under way
  await t.core.change({ type: 'effect.done', ticketId: 'ACME-1', effectId: stop, result: {} });
  await t.look();
  expect(t.removed).toEqual([]);
  await t.look();
  expect(t.removed).toEqual(['claude-ACME-1']);
});

test('a session whose ticket was given to another runner meanwhile is stopped at the first look', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  t.run('claude-ACME-1');
  await t.core.change({ type: 'runner.lost', ticketId: 'ACME-1', runner: RUNNER });
  await t.core.change({ type: 'person.retried', ticketId: 'ACME-1', by: 'ada', givesUp: RUNNER });
  await t.look();
  expect(t.removed).toEqual(['claude-ACME-1']);
  expect((await t.core.ticket('ACME-1')).status).toBe('approved');
});

test('a runner that is back says so to its tickets, and what their agents do', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  t.run('claude-ACME-1');
  t.host.evidence.hear('claude-ACME-1', { hook_event_name: 'Stop' });
  await t.look();
  await t.core.change({ type: 'runner.lost', ticketId: 'ACME-1', runner: RUNNER });
  expect((await t.core.ticket('ACME-1')).observed?.state).toBe('unreachable');
  await t.look();
  expect(await t.core.ticket('ACME-1')).toMatchObject({ status: 'active', observed: { state: 'working' } });
  await observeOnce(t.host, () => {});
  expect((await t.core.ticket('ACME-1')).observed?.state).toBe('turn_over');
});

test('what a hook said reaches the ticket, also when it moved at that moment', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  t.host.evidence.hear('claude-ACME-1', { hook_event_name: 'PermissionRequest', tool_name: 'Bash' });
  await Promise.all([
    tellObserved(t.host, 'claude-ACME-1'),
    t.core.change({
      type: 'work_item.changed',
      ticketId: 'ACME-1',
      workItem: (await t.core.ticket('ACME-1')).workItem,
      description: 'new',
    }),
  ]);
  await eventually(async () => (await t.core.ticket('ACME-1')).observed?.state).toBe('permission');
  expect((await t.core.ticket('ACME-1')).status).toBe('waiting');
});

test('an agent that ended without a summary is shown with its exit code, while its terminal asks for one', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  t.run('claude-ACME-1');
  await t.host.files('claude-ACME-1').write('asks', '3\n');
  await t.look();
  expect(await t.core.ticket('ACME-1')).toMatchObject({
    status: 'waiting',
    observed: { state: 'exited', detail: expect.stringContaining('exit code 3') },
  });
});

test('a change is told without another look at tmux, once, and a terminal that is gone asks for that look', async () => {
  await using t = await terminals();
  await t.activeTicket('ACME-1');
  t.run('claude-ACME-1');
  await t.look();
  const looks: number[] = [];
  const observe = () => observeOnce(t.host, () => looks.push(1));
  await observe();
  const { version } = await t.core.store.load('ACME-1');
  t.host.evidence.hear('claude-ACME-1', { hook_event_name: 'Stop' });
  await observe();
  expect((await t.core.ticket('ACME-1')).observed?.state).toBe('turn_over');
  await observe();
  expect((await t.core.store.load('ACME-1')).version).toBe(version + 1);
  expect(looks).toEqual([]);
  t.live.clear();
  await observe();
  expect(looks).toEqual([1]);
  await t.look();
  expect(await t.core.ticket('ACME-1')).toMatchObject({ status: 'failed', observed: { state: 'dead' } });
  await observe();
  expect(looks).toEqual([1]);
});

test('a terminal in which nothing moves makes a silent agent, and one that moves does not', async () => {
  let screen = 'one';
  await using t = await terminals({ screen: async () => screen }, 0.05);
  await t.activeTicket('ACME-1');
  t.run('claude-ACME-1');
  await t.look();
  await eventually(async () => {
    await t.look();
    return (await t.core.ticket('ACME-1')).observed?.state;
  }).toBe('silent');
  t.host.evidence.hear('claude-ACME-1', { hook_event_name: 'PreToolUse' });
  screen = 'two';
  await t.look();
  expect((await t.core.ticket('ACME-1')).status).toBe('active');
});
