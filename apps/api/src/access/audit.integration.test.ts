import { expect, test } from 'vitest';
import { z } from 'zod';
import { type ApiFixture, apiFixture } from '../testing/api-fixture.ts';

const ADMIN = 'a-token-of-sixteen-or-more';
const headers = { authorization: `Bearer ${ADMIN}` };
const Page = z.object({
  entries: z.array(z.looseObject({ id: z.string(), what: z.string() })),
  next: z.string().nullable(),
});

const audit = async (api: ApiFixture, query = '') =>
  Page.parse((await api.call('GET', `/api/audit${query}`, { headers })).json);

test('every change says who made it, what, from where and with which outcome; looking is not noted', async () => {
  await using api = await apiFixture({ token: ADMIN, trust_proxy: ['127.0.0.1'] });
  await api.bring('ACME-1', 'pending');
  const from = { ...headers, 'x-forwarded-for': '203.0.113.7', 'x-request-id': 'click-1' };
  await api.call('GET', '/api/pending-tickets', { headers });
  await api.call('DELETE', '/api/tickets/ACME-1', { headers: from });
  await api.call('POST', '/api/approve/ACME-9', { headers });
  await api.call('POST', '/api/tokens', { headers, body: { name: 'x', role: 'viewer' } });
  await api.call('PUT', '/admin/queues/api/queues/notify/pause', { headers });
  await api.call('PUT', '/admin/queues/api/queues/notify/resume', { headers });
  await expect
    .poll(async () => (await audit(api)).entries.map(({ what, status }) => [what, status]))
    .toEqual([
      ['PUT /admin/queues/api/queues/:queueName/resume', 200],
      ['PUT /admin/queues/api/queues/:queueName/pause', 200],
      ['createToken', 201],
      ['approve', 404],
      ['deleteTicket', 200],
    ]);
  const { entries } = await audit(api);
  expect(entries.at(-1)).toMatchObject({
    who: 'api',
    role: 'admin',
    via: 'token',
    from: '203.0.113.7',
    path: '/api/tickets/ACME-1',
    ticket_id: 'ACME-1',
    request_id: 'click-1',
    at: expect.stringMatching(/Z$/),
  });
});

test('what is refused before it is tried is not noted, and no secret is', async () => {
  await using api = await apiFixture({ token: ADMIN });
  await api.call('DELETE', '/api/tickets/ACME-1');
  await api.call('DELETE', '/api/tickets/nonsense', { headers });
  expect((await audit(api)).entries).toEqual([]);
  await api.call('POST', '/api/login', { body: { token: ADMIN } });
  const { entries } = await audit(api);
  expect(entries).toMatchObject([{ what: 'login', who: 'nobody' }]);
  expect(JSON.stringify(entries)).not.toContain(ADMIN);
});

test('the log is read page by page', async () => {
  await using api = await apiFixture({ token: ADMIN });
  for (let n = 1; n <= 5; n += 1) await api.call('DELETE', `/api/tickets/ACME-${n}`, { headers });
  const first = await audit(api, '?limit=2');
  const second = await audit(api, `?limit=2&before=${first.next}`);
  const third = await audit(api, `?limit=2&before=${second.next}`);
  const paths = [...first.entries, ...second.entries, ...third.entries].map(({ path }) => path);
  expect(paths).toEqual([5, 4, 3, 2, 1].map((n) => `/api/tickets/ACME-${n}`));
  expect(third.next).toBeNull();
});

test('a change that cannot be noted is not made', async () => {
  await using api = await apiFixture({ token: ADMIN });
  await api.bring('ACME-1', 'pending');
  const { client, keys } = api.core.redis;
  await client.set(keys.audit, 'in the way');
  expect((await api.call('DELETE', '/api/tickets/ACME-1', { headers })).status).toBe(503);
  expect((await api.core.ticket('ACME-1')).status).toBe('pending');
});
