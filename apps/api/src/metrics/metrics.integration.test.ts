import { createRunnerStore } from '@pco/shared/redis';
import { eventually, PROJECT_ID, RUNNER, redisFixture, startRedisServer } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { type ApiFixture, apiFixture, fail, finish, start, write } from '../testing/api-fixture.ts';

/** One sample, by its name with labels. */
async function sample(api: ApiFixture, name: string): Promise<number | undefined> {
  const { text } = await api.get('/metrics');
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

test('every documented metric is there from the start, with its type', async () => {
  await using api = await apiFixture();
  await api.get('/api/pending-tickets');
  const { text } = await api.get('/metrics');
  for (const [name, type] of [
    ['plane_pending_tickets', 'gauge'],
    ['plane_active_sessions', 'gauge'],
    ['plane_completed_tickets', 'gauge'],
    ['plane_tickets_approved_total', 'counter'],
    ['plane_tickets_completed_total', 'counter'],
    ['plane_updates_total', 'counter'],
    ['plane_api_request_duration_seconds', 'histogram'],
    ['plane_api_requests_total', 'counter'],
    ['plane_session_duration_seconds', 'histogram'],
    ['plane_api_calls_total', 'counter'],
    ['plane_api_retry_total', 'counter'],
  ])
    expect(text).toContain(`# TYPE ${name} ${type}\n`);
  for (const status of ['success', 'failed_comment', 'failed_state'])
    expect(text).toContain(`plane_updates_total{status="${status}"} 0\n`);
  for (const le of [60, 300, 600, 1_800, 3_600, 7_200, 14_400])
    expect(text).toContain(`plane_session_duration_seconds_bucket{le="${le}"} 0\n`);
});

test('what is to be counted is 0 before the first time, so that its increase is seen', async () => {
  await using api = await apiFixture();
  await createHealthNote(api, { identifier: 'ACME', lastPollAt: 1_790_000_000_000 });
  for (const name of ['agent_tokens_total{project="ACME"}', 'agent_cost_usd_total{project="ACME"}'])
    expect(await sample(api, name), name).toBe(0);
  for (const status of [401, 403, 429])
    expect(await sample(api, `plane_api_calls_total{operation="add_comment",status="${status}"}`)).toBe(0);
  expect(await sample(api, 'plane_api_retry_total{operation="poll"}')).toBe(0);
  api.core.counters.add('agent_tokens_total ACME', 5);
  api.core.counters.add('plane_api_calls_total add_comment 401');
  api.core.counters.add('plane_api_calls_total add_comment 201');
  await api.core.counters.flush();
  expect(await sample(api, 'agent_tokens_total{project="ACME"}')).toBe(5);
  expect(await sample(api, 'plane_api_calls_total{operation="add_comment",status="401"}')).toBe(1);
  expect(await sample(api, 'plane_api_calls_total{operation="add_comment",status="201"}')).toBe(1);
});

test('the gauges count what there is when they are read', async () => {
  await using api = await apiFixture();
  for (const [id, status] of [
    ['ACME-1', 'pending'],
    ['ACME-2', 'pending'],
    ['ACME-3', 'approved'],
    ['ACME-4', 'active'],
    ['ACME-5', 'waiting'],
    ['ACME-6', 'completed'],
  ] as const)
    await api.bring(id, status);
  expect(await sample(api, 'plane_pending_tickets')).toBe(2);
  expect(await sample(api, 'plane_active_sessions')).toBe(2);
  expect(await sample(api, 'plane_completed_tickets')).toBe(1);
});

test('the counters count whoever makes it happen, one outcome per update', async () => {
  await using api = await apiFixture();
  for (const id of ['ACME-1', 'ACME-2', 'ACME-3']) {
    await api.bring(id, 'pending');
    await api.post(`/api/approve/${id}?wait=0`);
    await start(api.core, id);
    const told = { type: 'completion.signalled', summary: 'x', channel: 'file' } as const;
    await api.core.change({ ...told, ticketId: id, sessionId: `claude-${id}` });
    await api.post(`/api/update-plane/${id}?wait=0`, { summary: 'x' });
  }
  await write(api.core, 'ACME-1');
  await finish(api.core, 'ACME-2', 'plane.comment');
  await fail(api.core, 'ACME-2', 'plane.state');
  await fail(api.core, 'ACME-3', 'plane.comment');
  await eventually(() => sample(api, 'plane_updates_total{status="failed_comment"}')).toBe(1);
  expect(await sample(api, 'plane_tickets_approved_total')).toBe(3);
  expect(await sample(api, 'plane_tickets_completed_total')).toBe(3);
  expect(await sample(api, 'plane_updates_total{status="success"}')).toBe(1);
  expect(await sample(api, 'plane_updates_total{status="failed_state"}')).toBe(1);
  await eventually(() => sample(api, 'plane_session_duration_seconds_count')).toBe(3);
  expect(await sample(api, 'plane_session_duration_seconds_bucket{le="60"}')).toBe(3);
  expect(await sample(api, 'tickets_moved_total{status="completed"}')).toBe(3);
});

test('every replica shows the same, also one that was not there when it happened', async () => {
  await using first = await apiFixture();
  await first.bring('ACME-1', 'done');
  first.core.counters.add('plane_api_calls_total poll 200', 2);
  await first.core.counters.flush();
  await using second = await apiFixture({}, first.config.redis.prefix);
  for (const api of [first, second]) {
    await eventually(() => sample(api, 'plane_tickets_completed_total')).toBe(1);
    await eventually(() => sample(api, 'plane_updates_total{status="success"}')).toBe(1);
    expect(await sample(api, 'plane_api_calls_total{operation="poll",status="200"}')).toBe(2);
  }
});

test('what waits for people, workers and slots shows with its age', async () => {
  await using api = await apiFixture();
  const { client, keys } = api.core.redis;
  await api.bring('ACME-1', 'pending');
  await api.bring('ACME-2', 'approved');
  await api.bring('ACME-3', 'active');
  await client.zadd(keys.status('pending'), Date.now() - 90_000, 'ACME-1');
  const beat = { instance: 'i', host: 'h', pid: 1, capacity: 4, at: Date.now(), pools: [], labels: [], versions: {} };
  await createRunnerStore(client, keys).beat(RUNNER, beat, 60_000);
  await createHealthNote(api, { identifier: 'ACME', failures: 2, items: 7, lastPollAt: 1_790_000_000_000 });
  const shows = (name: string) => eventually(() => sample(api, name));
  await shows('approval_oldest_age_seconds{gate="start"}').toBeGreaterThanOrEqual(90);
  await shows('queue_depth{queue="session.default"}').toBe(2);
  await shows('queue_jobs{queue="session.default",state="prioritized"}').toBe(2);
  await shows('queue_oldest_job_age_seconds{queue="session.default"}').toBeGreaterThan(0);
  await shows(`runner_slots{runner="${RUNNER}",state="used"}`).toBe(1);
  await shows(`runner_slots{runner="${RUNNER}",state="free"}`).toBe(3);
  await shows(`runner_up{runner="${RUNNER}"}`).toBe(1);
  await shows('slots_used').toBe(1);
  await shows('event_stream_lag_seconds').toBe(0);
  await shows('poller_project_failures{project="ACME"}').toBe(2);
  await shows('plane_budget_limit{class="all"}').toBe(50);
  await shows('redis_up').toBe(1);
});

const createHealthNote = async ({ core: { redis } }: ApiFixture, noted: Record<string, string | number>) => {
  await redis.client.sadd(redis.keys.projects, PROJECT_ID);
  await redis.client.hset(redis.keys.pollHealth(PROJECT_ID), noted);
};

test('without Redis a scrape still answers, says so, and shows nothing that may not be true any more', async () => {
  const redis = await startRedisServer();
  await using api = await apiFixture({}, undefined, { redis: { url: redis.url } });
  await eventually(() => sample(api, 'redis_up')).toBe(1);
  await redis[Symbol.asyncDispose]();
  await eventually(() => sample(api, 'redis_up')).toBe(0);
  expect(await sample(api, 'plane_pending_tickets')).toBeUndefined();
  expect(await sample(api, 'process_start_time_seconds')).toBeDefined();
});

test('requests are counted by the pattern of their route', async () => {
  await using api = await apiFixture();
  for (const id of ['ACME-1', 'ACME-2']) await api.get(`/api/tickets/${id}`);
  await api.get('/nowhere/at/all');
  const labels = 'method="GET",endpoint="/api/tickets/:ticketId",status="404"';
  await eventually(() => sample(api, `plane_api_requests_total{${labels}}`)).toBe(2);
  const { text } = await api.get('/metrics');
  expect(text).not.toContain('ACME-1');
  expect(text).not.toContain('/nowhere');
});

test('one feed serves everybody who waits, without a warning of leaks', async () => {
  await using api = await apiFixture();
  const warnings: string[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning.message);
  process.on('warning', onWarning);
  const ids = ['ACME-1', 'ACME-2', 'ACME-3', 'ACME-4'];
  for (const id of ids) await api.bring(id, 'pending');
  const answers = Promise.all(ids.flatMap((id) => [1, 2, 3, 4].map(() => api.post(`/api/approve/${id}`))));
  for (const id of ids) await start(api.core, id);
  expect((await answers).map(({ status }) => status)).toEqual(Array(16).fill(200));
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

test('the queue board shows every queue, those of known runners included', async () => {
  await using redis = await redisFixture();
  await redis.client.hset(redis.keys.runners, RUNNER, Date.now());
  await using api = await apiFixture({}, redis.prefix);
  const page = await api.get('/admin/queues');
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('<html')]);
  const names = async () => {
    const { json } = await api.get('/admin/queues/api/queues');
    return (json as { queues: { name: string }[] }).queues.map(({ name }) => name).sort(); // Bull Board's own answer
  };
  await eventually(names).toEqual([
    'completion.runner-1',
    'notify',
    'plane-read',
    'plane-write',
    'runner.runner-1',
    'session.default',
  ]);
});
