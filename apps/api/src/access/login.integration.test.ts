import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type ApiFixture, apiFixture, type Reply } from '../testing/api-fixture.ts';

const ADMIN = 'a-token-of-sixteen-or-more';
const asAdmin = { authorization: `Bearer ${ADMIN}` };
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');
const Made = z.object({ id: z.string(), token: z.string() });

const make = async (api: ApiFixture, body: object) =>
  Made.parse((await api.call('POST', '/api/tokens', { headers: asAdmin, body })).json);

/** Name and value of the cookie that an answer sets, and what is said of it. */
function cookieOf({ headers }: Reply): { cookie: string; attributes: string } {
  const [set = ''] = [headers['set-cookie'] ?? ''].flat();
  const [cookie = '', ...attributes] = set.split('; ');
  return { cookie, attributes: attributes.join('; ') };
}

const login = async (api: ApiFixture, token: string) =>
  cookieOf(await api.call('POST', '/api/login', { body: { token } })).cookie;

// --- tokens ------------------------------------------------------------------------------------------------------

test('a token that an admin has made works until it is revoked, in its role, and is shown once', async () => {
  await using api = await apiFixture({ token: ADMIN });
  const { id, token } = await make(api, { name: 'grafana', role: 'viewer' });
  const headers = { authorization: `Bearer ${token}` };
  expect(await api.call('GET', '/api/me', { headers })).toMatchObject({
    status: 200,
    json: { name: 'grafana', role: 'viewer', via: 'token', expires_at: expect.any(String) },
  });
  expect(await api.call('POST', '/api/approve/ACME-1', { headers })).toMatchObject({
    status: 403,
    json: { code: 'FORBIDDEN', detail: expect.stringContaining('operator') },
  });
  const list = await api.call('GET', '/api/tokens', { headers: asAdmin });
  expect(list.json).toMatchObject([
    { id: null, name: 'api' },
    { id, name: 'grafana', created_by: 'api' },
  ]);
  expect(list.text).not.toContain(token);
  expect((await api.call('DELETE', `/api/tokens/${id}`, { headers: asAdmin })).status).toBe(200);
  expect((await api.call('GET', '/api/me', { headers })).status).toBe(401);
  expect((await api.call('DELETE', `/api/tokens/${id}`, { headers: asAdmin })).status).toBe(404);
});

test('Redis holds no token and no cookie in the clear', async () => {
  await using api = await apiFixture({ token: ADMIN });
  const { token } = await make(api, { name: 'a', role: 'operator' });
  const cookie = await login(api, token);
  const link = await api.call('POST', '/api/login-links', { headers: asAdmin });
  const code = new URL(z.object({ url: z.string() }).parse(link.json).url).searchParams.get('code') ?? '';
  const { client, keys } = api.core.redis;
  const stored = [
    ...Object.values(await client.hgetall(keys.tokens)),
    ...(await client.keys(keys.login('*'))),
    ...(await client.keys(keys.loginLink('*'))),
  ].join(' ');
  expect(stored).toContain('"name":"a"');
  for (const secret of [token, token.slice(-43), cookie.split('=')[1] ?? '', code]) {
    expect(secret.length).toBeGreaterThan(40);
    expect(stored).not.toContain(secret);
  }
});

test('a token of a name that is taken is refused, whether it stands in the configuration or not', async () => {
  await using api = await apiFixture({ token: ADMIN });
  await make(api, { name: 'ci', role: 'viewer' });
  for (const name of ['ci', 'api'])
    expect(await api.call('POST', '/api/tokens', { headers: asAdmin, body: { name, role: 'viewer' } })).toMatchObject({
      status: 409,
      json: { code: 'TOKEN_EXISTS' },
    });
  for (const body of [
    { name: 'a b', role: 'viewer' },
    { name: 'x', role: 'root' },
    { name: 'x' },
    { name: 'x', role: 'viewer', sudo: 1 },
  ])
    expect((await api.call('POST', '/api/tokens', { headers: asAdmin, body })).status).toBe(422);
});

test('tokens end on their day: those of the configuration, and those that were made', async () => {
  const tokens = {
    old: { role: 'admin', hash: hashOf('the-old-token-of-somebody'), expires: '2020-01-31' },
    new: { role: 'viewer', hash: hashOf('the-new-token-of-somebody'), expires: '2999-01-31' },
  } as const;
  await using api = await apiFixture({ token: ADMIN, tokens });
  const as = (token: string) => api.call('GET', '/api/me', { headers: { authorization: `Bearer ${token}` } });
  expect((await as('the-old-token-of-somebody')).status).toBe(401);
  expect(await as('the-new-token-of-somebody')).toMatchObject({ status: 200, json: { name: 'new', role: 'viewer' } });
  const { token } = await make(api, { name: 'brief', role: 'viewer', expires_in_days: 2 / 86_400 });
  expect((await as(token)).status).toBe(200);
  await expect.poll(async () => (await as(token)).status).toBe(401);
});

test('expired tokens alone open nothing: the api stays guarded', async () => {
  const tokens = { old: { role: 'admin', hash: hashOf('the-old-token-of-somebody'), expires: '2020-01-31' } } as const;
  await using api = await apiFixture({ tokens });
  expect((await api.get('/api/pending-tickets')).status).toBe(401);
});

test('without configured tokens this host needs none, but who shows one has its role, and a wrong one is refused', async () => {
  await using api = await apiFixture();
  expect((await api.get('/api/me')).json).toMatchObject({ name: 'local', role: 'admin', via: 'local' });
  const { token, id } = Made.parse((await api.post('/api/tokens', { name: 'look', role: 'viewer' })).json);
  const headers = { authorization: `Bearer ${token}` };
  expect((await api.call('DELETE', '/api/tickets/ACME-1', { headers })).status).toBe(403);
  await api.call('DELETE', `/api/tokens/${id}`);
  expect((await api.call('GET', '/api/me', { headers })).status).toBe(401);
});

// --- cookies -----------------------------------------------------------------------------------------------------

test('a browser logs in with a token, gets a cookie that only we can read, and logs out', async () => {
  await using api = await apiFixture({ token: ADMIN });
  expect((await api.call('POST', '/api/login', { body: { token: 'wrong' } })).status).toBe(401);
  const answer = await api.call('POST', '/api/login', { body: { token: ADMIN } });
  expect(answer).toMatchObject({ status: 200, json: { name: 'api', role: 'admin', via: 'cookie' } });
  const { cookie, attributes } = cookieOf(answer);
  expect(attributes).toMatch(/Path=\//);
  expect(attributes).toMatch(/HttpOnly/);
  expect(attributes).toMatch(/SameSite=Strict/);
  expect(attributes).not.toMatch(/Secure/);
  expect(attributes).toMatch(/Expires=/);
  expect((await api.call('GET', '/api/me', { headers: { cookie } })).json).toMatchObject({ via: 'cookie' });
  expect((await api.call('POST', '/api/logout', { headers: { cookie, origin: api.url } })).status).toBe(200);
  expect((await api.call('GET', '/api/me', { headers: { cookie } })).status).toBe(401);
});

test('behind TLS the cookie is only sent over TLS', async () => {
  await using named = await apiFixture({ token: ADMIN, public_url: 'https://pco.example.com' });
  expect(cookieOf(await named.call('POST', '/api/login', { body: { token: ADMIN } })).attributes).toMatch(/Secure/);
  await using proxied = await apiFixture({ token: ADMIN, trust_proxy: ['127.0.0.1'] });
  const headers = { 'x-forwarded-proto': 'https' };
  const answer = await proxied.call('POST', '/api/login', { headers, body: { token: ADMIN } });
  expect(cookieOf(answer).attributes).toMatch(/Secure/);
});

test('a cookie ends with the token that it was given for', async () => {
  await using api = await apiFixture({ token: ADMIN });
  const { id, token } = await make(api, { name: 'person', role: 'operator' });
  const cookie = await login(api, token);
  expect((await api.call('GET', '/api/me', { headers: { cookie } })).json).toMatchObject({ role: 'operator' });
  await api.call('DELETE', `/api/tokens/${id}`, { headers: asAdmin });
  expect((await api.call('GET', '/api/me', { headers: { cookie } })).status).toBe(401);
});

test('with a cookie nothing is changed that a page of ours did not ask for', async () => {
  await using api = await apiFixture({ token: ADMIN, cors_origins: ['https://dash.example'] });
  await api.bring('ACME-1', 'pending');
  const cookie = await login(api, ADMIN);
  const cancel = (headers: Record<string, string>) =>
    api.call('DELETE', '/api/tickets/ACME-1', { headers: { cookie, ...headers } });
  const foreign = [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'https://dash.example.evil.example' },
  ];
  for (const headers of foreign)
    expect(await cancel(headers), JSON.stringify(headers)).toMatchObject({
      status: 403,
      json: { code: 'ORIGIN_REFUSED' },
    });
  expect((await cancel({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await api.core.ticket('ACME-1')).status).toBe('pending');
  expect((await api.call('GET', '/api/me', { headers: { cookie, origin: 'https://evil.example' } })).status).toBe(403);
  expect((await cancel({ origin: 'https://dash.example' })).status).toBe(200);
  expect((await cancel({ origin: api.url })).status).toBe(200);
});

test('a foreign page cannot log a browser in', async () => {
  await using api = await apiFixture({ token: ADMIN });
  const headers = { origin: 'https://evil.example' };
  expect((await api.call('POST', '/api/login', { headers, body: { token: ADMIN } })).status).toBe(403);
});

// --- links -------------------------------------------------------------------------------------------------------

test('a login link lets one browser in, once, as whoever asked for it', async () => {
  await using api = await apiFixture({ token: ADMIN });
  const { token } = await make(api, { name: 'person', role: 'operator' });
  const made = await api.call('POST', '/api/login-links', { headers: { authorization: `Bearer ${token}` } });
  const { url } = z.object({ url: z.string() }).parse(made.json);
  expect(url.startsWith(`${api.url}/login?code=`)).toBe(true);
  const path = url.slice(api.url.length);
  const answers = await Promise.all([api.get(path), api.get(path), api.get(path)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 401, 401]);
  const { cookie } = cookieOf(
    answers.find(({ status }) => status === 303) ?? { headers: {}, status: 0, json: null, text: '' },
  );
  expect((await api.call('GET', '/api/me', { headers: { cookie } })).json).toMatchObject({
    name: 'person',
    role: 'operator',
  });
});
