import { eventually, RUNNER, redisFixture } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { type ApiFixture, apiFixture, fail, finish, start, write } from './testing/api-fixture.ts';

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
  ])
    expect(text).toContain(`# TYPE ${name} ${type}\n`);
  for (const status of ['success', 'failed_comment', 'failed_state'])
    expect(text).toContain(`plane_updates_total{status="${status}"} 0\n`);
  for (const le of [60, 300, 600, 1_800, 3_600, 7_200, 14_400])
    expect(text).toContain(`plane_session_duration_seconds_bucket{le="${le}"} 0\n`);
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
