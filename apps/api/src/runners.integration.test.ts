import { createRunnerStore, type Heartbeat } from '@pco/shared/redis';
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
