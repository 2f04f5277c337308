import { createRunnerStore, type Heartbeat } from '@pco/shared/redis';
import { RUNNER } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './testing/api-fixture.ts';

const heartbeat = (over: Partial<Heartbeat> = {}): Heartbeat => ({
  instance: 'x',
  host: 'build-1',
  pid: 7,
  capacity: 2,
  at: Date.now(),
  pools: ['default', 'gpu'],
  labels: ['gpu'],
  versions: { pco: '0.1.0' },
  url: 'http://127.0.0.1:5004',
  terminalUrl: 'http://127.0.0.1:5001',
  measured: {
    memory: { totalMb: 8_000, freeMb: 4_000 },
    cpu: { cores: 4, load: 1.5, usedPercent: 20 },
    disks: [{ of: 'worktrees', path: '/srv/worktrees', totalMb: 90_000, freeMb: 70_000 }],
  },
  ...over,
});

const store = ({ core }: ApiFixture) => createRunnerStore(core.redis.client, core.redis.keys);

test('runners are listed with what they have left and why they take nothing', async () => {
  await using api = await apiFixture();
  const { client, keys } = api.core.redis;
  const runners = store(api);
  await runners.beat('ready', heartbeat(), 60_000);
  await runners.beat('full', heartbeat({ capacity: 1 }), 60_000);
  await client.sadd(keys.slots('slots:runner:full'), 'ACME-1');
  await runners.beat('tight', heartbeat({ refuses: { code: 'DISK', why: '3 MB are free' } }), 60_000);
  await runners.beat('gone', heartbeat(), 60_000);
  await runners.end('gone', 'x');
  await client.hset(keys.runners, 'forgotten', 1);
  await client.hset(keys.runners, 'holding', 1);
  await client.sadd(keys.slots('slots:runner:holding'), 'ACME-2');

  const { status, json } = await api.get('/api/runners');
  expect(status).toBe(200);
  expect(json).toMatchObject([
    { id: 'full', state: 'full', used: 1, free: 0, takes_nothing_because: 'all 1 slots are in use' },
    { id: 'gone', state: 'lost', capacity: null, memory: null, cpu: null, disks: [] },
    { id: 'holding', state: 'lost', used: 1, last_heartbeat_at: '1970-01-01T00:00:00.001Z' },
    { id: 'ready', state: 'ready', takes_nothing_because: null },
    { id: 'tight', state: 'no_room', takes_nothing_because: '3 MB are free', free: 2 },
  ]);
  expect(json).toContainEqual({
    id: 'ready',
    state: 'ready',
    takes_nothing_because: null,
    host: 'build-1',
    url: 'http://127.0.0.1:5004',
    terminal_url: 'http://127.0.0.1:5001',
    pools: ['default', 'gpu'],
    labels: ['gpu'],
    versions: { pco: '0.1.0' },
    capacity: 2,
    used: 0,
    free: 2,
    memory: { total_mb: 8_000, free_mb: 4_000 },
    cpu: { cores: 4, load: 1.5, used_percent: 20 },
    disks: [{ of: 'worktrees', path: '/srv/worktrees', total_mb: 90_000, free_mb: 70_000 }],
    last_heartbeat_at: expect.stringMatching(/Z$/),
  });
});

test('the runner that holds a session is found by its name', async () => {
  await using api = await apiFixture();
  const runners = store(api);
  expect(await runners.get('ready')).toBeNull();
  await runners.beat('ready', heartbeat(), 60_000);
  expect((await runners.get('ready'))?.heartbeat?.terminalUrl).toBe('http://127.0.0.1:5001');
});

const waitsFor = async (api: ApiFixture, id: string) =>
  ((await api.get(`/api/tickets/${id}`)).json as { waits_for: unknown }).waits_for; // of our own answer
const health = async (api: ApiFixture) => (await api.get('/health')).json;

test('an approved ticket says what it waits for, in its view, in its list, in health and in a metric', async () => {
  await using api = await apiFixture({}, undefined, { limits: { sessions: 1 } });
  const { client, keys } = api.core.redis;
  const runners = store(api);
  await api.bring('ACME-1', 'approved');
  const nobody = { code: 'NO_RUNNER', why: 'no runner of the pool "default" sends a heartbeat' };
  expect(await waitsFor(api, 'ACME-1')).toEqual(nobody);
  expect((await api.get('/api/active-sessions')).json).toMatchObject([{ id: 'ACME-1', waits_for: nobody }]);
  expect(await health(api)).toMatchObject({ status: 'degraded', start_waits: [{ ...nobody, tickets: 1 }] });
  expect((await api.get('/metrics')).text).toContain('plane_tickets_waiting_for_start{reason="no_runner"} 1');

  await runners.beat('other', heartbeat({ pools: ['gpu'] }), 60_000);
  expect(await waitsFor(api, 'ACME-1')).toEqual(nobody);

  await runners.beat('tight', heartbeat({ refuses: { code: 'DISK', why: '3 MB are free' } }), 60_000);
  expect(await waitsFor(api, 'ACME-1')).toEqual({ code: 'NO_ROOM', why: 'tight: 3 MB are free' });
  expect(await health(api)).toMatchObject({
    status: 'degraded',
    runners_without_room: [{ runner: 'tight', code: 'DISK', why: '3 MB are free' }],
  });

  await runners.beat('tight', heartbeat(), 60_000);
  expect(await waitsFor(api, 'ACME-1')).toBeNull();
  await client.sadd(keys.slots('slots:runner:tight'), 'ACME-8', 'ACME-9');
  expect(await waitsFor(api, 'ACME-1')).toEqual({ code: 'SLOTS', why: 'tight: all 2 slots are in use' });
  await client.sadd(keys.slots('slots:all'), 'ACME-8');
  expect(await waitsFor(api, 'ACME-1')).toMatchObject({
    code: 'LIMIT',
    why: expect.stringContaining('limits.sessions'),
  });
});

test('the limit of a project, and a repository that takes one session at a time, are named', async () => {
  await using api = await apiFixture({}, undefined, {
    limits: { sessions_per_project: 1 },
    automation: { worktree: false, repo_path: '/srv/repo' },
  });
  const { client, keys } = api.core.redis;
  await store(api).beat('ready', heartbeat(), 60_000);
  await api.bring('ACME-1', 'approved');
  const ticket = await api.core.ticket('ACME-1');
  const { exclusiveRepo } = api.core.policyOf(ticket.workItem);
  await client.sadd(keys.slots(`slots:repo:ready:${exclusiveRepo}`), 'ACME-9');
  expect(await waitsFor(api, 'ACME-1')).toMatchObject({ code: 'REPOSITORY' });
  await client.sadd(keys.slots(`slots:project:${ticket.workItem.projectId}`), 'ACME-9');
  expect(await waitsFor(api, 'ACME-1')).toMatchObject({
    code: 'LIMIT',
    why: expect.stringContaining('limits.sessions_per_project'),
  });
});

test('a ticket of a runner that is gone is retried elsewhere, and only then', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'active');
  const retry = () => api.post('/api/tickets/ACME-1/retry', { elsewhere: true });
  await store(api).beat(RUNNER, heartbeat(), 60_000);
  expect(await retry()).toMatchObject({ status: 409, json: { code: 'RUNNER_ALIVE' } });
  await store(api).end(RUNNER, 'x');
  await api.core.change({ type: 'runner.lost', ticketId: 'ACME-1', runner: RUNNER });
  expect((await api.get('/api/tickets/ACME-1')).json).toMatchObject({
    status: 'waiting',
    runner: RUNNER,
    waiting_for: { state: 'unreachable' },
  });
  expect(await retry()).toMatchObject({ status: 200, json: { status: 'retried' } });
  expect((await api.get('/api/tickets/ACME-1')).json).toMatchObject({ status: 'approved', attempt: 2 });
  expect(await api.core.redis.client.scard(api.core.redis.keys.slots('slots:all'))).toBe(0);
});

test('a runner that is gone for good is given up: its slots are free, its tickets can be retried', async () => {
  await using api = await apiFixture();
  const give = (runner: string) => api.call('DELETE', `/api/runners/${runner}`);
  expect(await give('nobody')).toMatchObject({ status: 404, json: { code: 'RUNNER_NOT_FOUND' } });
  expect((await give('Not a name')).status).toBe(422);
  await store(api).beat(RUNNER, heartbeat(), 60_000);
  await api.bring('ACME-1', 'active');
  await api.bring('ACME-2', 'completed');
  expect(await give(RUNNER)).toMatchObject({ status: 409, json: { code: 'RUNNER_ALIVE' } });
  await store(api).end(RUNNER, 'x');
  const { status, json } = await give(RUNNER);
  expect(status).toBe(200);
  expect((json as { tickets: string[] }).tickets.toSorted()).toEqual(['ACME-1', 'ACME-2']); // of our own answer
  expect(await api.core.ticket('ACME-1')).toMatchObject({ status: 'failed', reason: { code: 'RUNNER_GONE' } });
  expect(await api.core.ticket('ACME-2')).toMatchObject({ status: 'completed' });
  expect(await api.core.redis.client.scard(api.core.redis.keys.slots('slots:all'))).toBe(0);
  expect((await api.get('/api/runners')).json).toEqual([]);
  expect((await api.post('/api/tickets/ACME-1/retry')).json).toMatchObject({ status: 'retried' });
});
