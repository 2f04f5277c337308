import { Inbox } from '@pco/shared/contracts/http';
import { createWaitStore } from '@pco/shared/redis';
import { trigger } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './testing/api-fixture.ts';

async function inboxOf(api: ApiFixture, query = '') {
  const { status, json } = await api.get(`/api/inbox${query}`);
  expect(status).toBe(200);
  const inbox = Inbox.parse(json);
  return { ...inbox, ids: inbox.tickets.map(({ id }) => id) };
}

async function walk(api: ApiFixture, query: string, between: () => Promise<unknown> = async () => {}) {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const page = await inboxOf(api, `${query}${cursor}`);
    ids.push(...page.ids);
    if (page.next_cursor === null) return ids;
    cursor = `&cursor=${page.next_cursor}`;
    await between();
  }
}

const begin = (api: ApiFixture, id: string, over: Record<string, unknown> = {}) =>
  api.core.change({ ...trigger({ workItem: over }), ticketId: id });

test('who holds a slot comes first, failures last, what needs nobody is left out, and pages give the same as one list', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'failed');
  await api.bring('ACME-2', 'completed');
  await begin(api, 'ACME-3', { priority: 'none' });
  await begin(api, 'ACME-4', { priority: 'urgent' });
  await begin(api, 'ACME-5', { priority: 'none' });
  await api.bring('ACME-6', 'waiting');
  await api.bring('ACME-7', 'active');
  await api.bring('ACME-8', 'done');
  await api.bring('ACME-9', 'notStarted');
  const all = await inboxOf(api);
  expect(all.ids).toEqual(['ACME-6', 'ACME-4', 'ACME-3', 'ACME-5', 'ACME-2', 'ACME-1', 'ACME-9']);
  expect(all.counts).toEqual({ asks: 1, approve: 3, update: 1, failed: 2, blocked: 0 });
  expect(all.pending).toBe(4);
  expect(all.latest[0]).toMatchObject({ id: 'ACME-9', kind: 'failed', title: expect.any(String) });
  expect(await walk(api, '?limit=2')).toEqual(all.ids);
});

test('a page goes on behind the last one, also when that was decided meanwhile', async () => {
  await using api = await apiFixture();
  for (let at = 1; at <= 9; at += 1) await begin(api, `ACME-${at}`);
  let decided = 0;
  const ids = await walk(api, '?limit=3', async () => {
    decided += 3;
    await api.core.change({ type: 'person.cancelled', by: 'ada', ticketId: `ACME-${decided}` });
  });
  expect(ids).toEqual(Array.from({ length: 9 }, (_, at) => `ACME-${at + 1}`));
});

test('words choose, and counts are of what they choose; a branch is found too', async () => {
  await using api = await apiFixture();
  await begin(api, 'ACME-1', { title: 'Login fails', labels: ['web'] });
  await begin(api, 'ACME-2', { title: 'Login is slow' });
  await api.bring('ACME-3', 'waiting');
  expect(await inboxOf(api, '?text=LOGIN%20web')).toMatchObject({ ids: ['ACME-1'], counts: { approve: 1, asks: 0 } });
  expect((await inboxOf(api, '?text=pco%2Facme-3')).ids).toEqual(['ACME-3']);
  expect(await inboxOf(api, '?text=nothing')).toMatchObject({ ids: [], next_cursor: null, pending: 2 });
});

test('a write-back that waits for Plane is there as long as it waits', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'updating');
  expect((await inboxOf(api)).ids).toEqual([]);
  const outage = { code: 'PLANE_UNREACHABLE', why: 'Plane does not answer' };
  await createWaitStore(api.core.redis).note(await api.core.openId('plane.comment', 'ACME-1'), outage, 60_000);
  const waiting = await inboxOf(api);
  expect(waiting).toMatchObject({ ids: ['ACME-1'], counts: { blocked: 1 } });
  expect(waiting.tickets[0]?.write_back_waits_for).toEqual(outage);
});

test('what is no cursor of ours is refused', async () => {
  await using api = await apiFixture();
  expect(await api.get('/api/inbox?cursor=abc')).toMatchObject({ status: 422 });
});
