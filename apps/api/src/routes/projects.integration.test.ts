import { PROJECT_ID } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { apiFixture } from '../testing/api-fixture.ts';

test('a project shows its last poll and its error, and is polled when it is asked for, once', async () => {
  await using api = await apiFixture();
  const { client, keys } = api.core.redis;
  await client.sadd(keys.projects, PROJECT_ID);
  const noted = { identifier: 'ACME', lastPollAt: 1_700_000_000_000, failures: 2, error: 'Plane answered 403' };
  await client.hset(keys.pollHealth(PROJECT_ID), noted);
  expect((await api.get('/api/projects')).json).toEqual([
    {
      id: PROJECT_ID,
      identifier: 'ACME',
      last_poll_at: '2023-11-14T22:13:20.000Z',
      failures: 2,
      error: 'Plane answered 403',
    },
  ]);
  for (const name of ['ACME', PROJECT_ID])
    expect(await api.post(`/api/projects/${name}/poll`)).toMatchObject({
      status: 202,
      json: { status: 'queued', project_id: PROJECT_ID },
    });
  expect(await api.post('/api/projects/OTHER/poll')).toMatchObject({
    status: 404,
    json: { code: 'PROJECT_NOT_FOUND' },
  });
  const queues = await api.get('/api/queues');
  expect(queues.json).toContainEqual(
    expect.objectContaining({
      name: 'plane-read',
      jobs: expect.objectContaining({ waiting: 1 }),
      oldest_waiting_at: expect.stringMatching(/Z$/),
    }),
  );
});

test('in the board operators look and admins act, and no payload shows a secret', async () => {
  await using api = await apiFixture();
  const secret = `sk-ant-${'a1b2c3d4'.repeat(4)}`;
  await api.core.queues.get('notify').add('notify', { text: `the key is ${secret}` }, { jobId: 'job-1' });
  const { token } = (await api.post('/api/tokens', { name: 'op', role: 'operator' })).json as { token: string }; // as declared
  const headers = { authorization: `Bearer ${token}` };
  const path = '/admin/queues/api/queues?activeQueue=notify&status=latest';
  const shown = await api.call('GET', path, { headers });
  expect(shown.text).toContain('job-1');
  expect(shown.text).not.toContain(secret);
  expect(shown.text).not.toContain('"readOnlyMode":false');
  expect((await api.call('PUT', '/admin/queues/api/queues/notify/pause', { headers })).status).toBe(403);
  const page = await api.call('GET', '/admin/queues', { headers });
  expect(page.text).not.toContain('https:');
  const [script = ''] = /static\/js\/main[^"]+/.exec(page.text) ?? [];
  expect((await api.call('GET', `/admin/queues/${script}`, { headers })).status).toBe(200);
  const admin = await api.get(path);
  expect(admin.text).not.toContain(secret);
  expect(admin.text).toContain('"readOnlyMode":false');
});
