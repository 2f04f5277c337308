import { createWaitStore, createWriteStopStore } from '@pco/shared/redis';
import { eventually, trigger } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { apiFixture } from './testing/api-fixture.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

test('the lists hold each ticket where a person looks for it', async () => {
  await using api = await apiFixture();
  const where = {
    'ACME-1': 'pending',
    'ACME-2': 'approved',
    'ACME-3': 'starting',
    'ACME-4': 'active',
    'ACME-5': 'waiting',
    'ACME-6': 'completed',
    'ACME-7': 'updating',
    'ACME-8': 'failed',
    'ACME-9': 'notStarted',
    'ACME-10': 'done',
    'ACME-11': 'cancelled',
  } as const;
  for (const [id, status] of Object.entries(where)) await api.bring(id, status);
  const ids = async (path: string) => {
    const { status, json } = await api.get(path);
    expect(status).toBe(200);
    return (json as { id: string }[]).map(({ id }) => id).sort(); // the shape is checked below
  };
  expect(await ids('/api/pending-tickets')).toEqual(['ACME-1', 'ACME-9']);
  expect(await ids('/api/active-sessions')).toEqual(['ACME-2', 'ACME-3', 'ACME-4', 'ACME-5']);
  expect(await ids('/api/completed-tickets')).toEqual(['ACME-6', 'ACME-7']);
  expect(await ids('/api/failed-tickets')).toEqual(['ACME-8']);
});

test('of a long list one can ask for the first, and the inbox knows how long it is', async () => {
  await using api = await apiFixture();
  for (const n of [1, 2, 3]) await api.bring(`ACME-${n}`, 'pending');
  for (const n of [4, 5]) await api.bring(`ACME-${n}`, 'completed');
  await api.bring('ACME-6', 'updating');
  const first = (await api.get('/api/pending-tickets?limit=2')).json as { id: string }[]; // the shape is checked below
  expect(first.map(({ id }) => id)).toEqual(['ACME-1', 'ACME-2']);
  expect((await api.get('/api/completed-tickets?limit=200')).json).toHaveLength(3);
  expect((await api.get('/api/pending-tickets?limit=0')).status).toBe(422);
  expect((await api.get('/api/inbox?limit=1')).json).toMatchObject({ pending: 3, completed: 3 });
});

test('an approved write-back that makes no progress says what it waits for', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'updating');
  const { redis, store } = api.core;
  const waitsFor = async () =>
    (await api.get('/api/completed-tickets')).json as { write_back_waits_for: unknown; uuid: string }[]; // the field meant
  expect((await waitsFor())[0]?.write_back_waits_for).toBeNull();
  const { ticket } = await store.load('ACME-1');
  const [effectId = ''] = Object.keys(ticket?.open ?? {}).filter((id) => ticket?.open[id]?.type === 'plane.comment');
  const outage = { code: 'PLANE_UNREACHABLE', why: 'Plane did not answer' };
  await createWaitStore(redis).note(effectId, outage, 5_000);
  expect((await waitsFor())[0]?.write_back_waits_for).toEqual(outage);
  const projectId = ticket?.workItem.projectId ?? '';
  await createWriteStopStore(redis).stop(projectId, { project: 'ACME', why: 'make it a member' });
  const refused = { code: 'PLANE_UNAUTHORIZED', why: 'make it a member' };
  expect((await waitsFor())[0]?.write_back_waits_for).toEqual(refused);
});

test('empty lists are lists', async () => {
  await using api = await apiFixture();
  for (const path of ['/api/pending-tickets', '/api/active-sessions', '/api/completed-tickets', '/api/failed-tickets'])
    expect(await api.get(path)).toMatchObject({ status: 200, json: [] });
});

test('a pending ticket has the documented fields, the last five empty', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'pending');
  const { json } = await api.get('/api/pending-tickets');
  expect(json).toEqual([
    expect.objectContaining({
      id: 'ACME-1',
      uuid: expect.any(String),
      project_id: 'project-acme',
      title: 'Login fails',
      description: 'Steps to repeat',
      trigger_type: 'new_ticket',
      summary: null,
      created_at: expect.stringMatching(ISO),
      updated_at: expect.stringMatching(ISO),
      completed_at: null,
      status: 'pending',
      session_id: null,
      started_at: null,
      error: null,
    }),
  ]);
});

test('a ticket of a project that cannot be read says why', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'pending');
  const read = async () => [
    Object((await api.get('/api/pending-tickets')).json)[0].project_error,
    Object((await api.get('/api/tickets/ACME-1')).json).project_error,
  ];
  expect(await read()).toEqual([null, null]);
  const { client, keys } = api.core.redis;
  await client.hset(keys.pollHealth('project-acme'), { failures: 2, error: 'ACME is archived' });
  await expect.poll(read).toEqual(['ACME is archived', 'ACME is archived']);
});

test('a completed ticket has its summary, its session and its times', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'completed');
  const { json } = await api.get('/api/completed-tickets');
  expect(json).toEqual([
    expect.objectContaining({
      id: 'ACME-1',
      summary: 'Fixed it',
      completed_at: expect.stringMatching(ISO),
      started_at: expect.stringMatching(ISO),
      session_id: 'claude-ACME-1',
      branch: 'pco/ACME-1',
    }),
  ]);
});

test('a ticket that could not be started stands among the pending ones with the reason', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'notStarted');
  const { json } = await api.get('/api/pending-tickets');
  expect(json).toEqual([
    expect.objectContaining({
      id: 'ACME-1',
      status: 'failed',
      error_code: 'START_FAILED',
      error: 'no repository there',
    }),
  ]);
});

test('a waiting ticket says for what it waits', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'waiting');
  const { json } = await api.get('/api/active-sessions');
  expect(json).toEqual([
    expect.objectContaining({
      waiting_for: { state: 'asking', detail: 'Which?', since: expect.stringMatching(ISO), choices: ['EUR'] },
    }),
  ]);
});

test('a failed write-back stands at its ticket', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'updating');
  const effectId = await api.core.openId('plane.comment', 'ACME-1');
  await api.core.change({ type: 'effect.failed', ticketId: 'ACME-1', effectId, code: 'PLANE_REFUSED', detail: '403' });
  const { json } = await api.get('/api/completed-tickets');
  expect(json).toEqual([expect.objectContaining({ status: 'updating', error: expect.stringContaining('403') })]);
});

test('a description without text is an empty one', async () => {
  await using api = await apiFixture();
  await api.core.change({ ...trigger({ description: '' }), ticketId: 'ACME-1' });
  expect((await api.get('/api/pending-tickets')).json).toEqual([expect.objectContaining({ description: '' })]);
});

test('one ticket is shown with its history, oldest first', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'active');
  const { status, json } = await api.get('/api/tickets/ACME-1');
  expect(status).toBe(200);
  const types = (json as { history: { event: { type: string } }[] }).history.map(({ event }) => event.type); // our own answer
  expect(types).toEqual(['trigger.seen', 'person.approved', 'slot.claimed', 'effect.done']);
});

test('a ticket that is not there is 404', async () => {
  await using api = await apiFixture();
  expect(await api.get('/api/tickets/ACME-1')).toMatchObject({ status: 404, json: { code: 'TICKET_NOT_FOUND' } });
});

test('one record that cannot be read does not hide the others', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'pending');
  await api.bring('ACME-2', 'pending');
  const { client, keys } = api.core.redis;
  await client.hset(keys.ticket('ACME-1'), 'record', '{"broken":true}');
  const { status, json } = await api.get('/api/pending-tickets');
  expect(status).toBe(200);
  expect(json).toEqual([expect.objectContaining({ id: 'ACME-2' })]);
  expect((await api.get('/api/tickets/ACME-1')).status).toBe(500);
});

test('health is always 200 and says what is behind it', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'pending');
  await api.bring('ACME-2', 'active');
  await api.bring('ACME-3', 'completed');
  const { client, keys } = api.core.redis;
  const at = Date.parse('2025-01-02T03:04:05.000Z');
  await client.sadd(keys.projects, 'p1', 'p2');
  await client.hset(keys.pollHealth('p1'), { identifier: 'ACME', lastPollAt: at, failures: 0, error: '' });
  await client.hset(keys.pollHealth('p2'), { failures: 3, error: 'status 401' });
  const refused = { since: at, project: 'ACME', why: 'check plane.workspace_slug' };
  await client.hset(keys.writeStops, 'p1', JSON.stringify(refused));
  expect(await api.get('/health')).toMatchObject({
    status: 200,
    json: {
      status: 'degraded',
      tmux_service: false,
      pending_count: 1,
      active_count: 1,
      completed_count: 1,
      failed_count: 0,
      redis: true,
      plane: true,
      last_poll_at: '2025-01-02T03:04:05.000Z',
      projects: expect.arrayContaining([
        { project: 'p1', identifier: 'ACME', last_poll_at: '2025-01-02T03:04:05.000Z', failures: 0, error: null },
        { project: 'p2', identifier: '', last_poll_at: null, failures: 3, error: 'status 401' },
      ]),
      write_stops: [
        { project: 'p1', identifier: 'ACME', since: '2025-01-02T03:04:05.000Z', error: 'check plane.workspace_slug' },
      ],
    },
  });
});

test('probes answer', async () => {
  await using api = await apiFixture();
  expect((await api.get('/livez')).status).toBe(200);
  const checks = { redis: 'PONG', lists: 'current' };
  await eventually(() => api.get('/readyz')).toMatchObject({ status: 200, json: { ok: true, checks } });
});
