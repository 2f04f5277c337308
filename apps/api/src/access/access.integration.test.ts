import { createHash } from 'node:crypto';
import { openCore } from '@pco/shared/engine';
import { redisFixture, redisUrl, silentLog, testConfig } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { startApi } from '../service.ts';
import { apiFixture } from '../testing/api-fixture.ts';

const TOKEN = 'a-token-of-sixteen-or-more';

test('without a token only names of this host are answered', async () => {
  await using api = await apiFixture();
  const to = (host: string) => api.call('GET', '/api/pending-tickets', { headers: { host } });
  for (const host of ['localhost', 'localhost:5002', '127.0.0.1:1', '[::1]:5002'])
    expect((await to(host)).status, host).toBe(200);
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:5002', '10.0.0.1'])
    expect(await to(host), host).toMatchObject({ status: 403, json: { code: 'ORIGIN_REFUSED' } });
});

test('a page of another origin can neither read nor decide, unless it is configured', async () => {
  await using api = await apiFixture({ cors_origins: ['https://dash.example'] });
  await api.bring('ACME-1', 'pending');
  const from = (origin: string, method: 'GET' | 'DELETE' = 'GET') =>
    api.call(method, method === 'GET' ? '/api/pending-tickets' : '/api/tickets/ACME-1', { headers: { origin } });
  for (const origin of ['https://evil.example', 'null', 'http://localhost:1', 'https://dash.example.evil.example']) {
    expect((await from(origin)).status, origin).toBe(403);
    expect((await from(origin, 'DELETE')).status, origin).toBe(403);
  }
  expect((await api.core.ticket('ACME-1')).status).toBe('pending');
  expect(await from('https://dash.example')).toMatchObject({
    status: 200,
    headers: { 'access-control-allow-origin': 'https://dash.example' },
  });
  expect((await from(api.url)).status).toBe(200);
});

test('the queue board is as guarded as the rest', async () => {
  await using api = await apiFixture();
  const board = (headers: Record<string, string>) => api.call('GET', '/admin/queues/api/queues', { headers });
  expect((await board({ origin: 'https://evil.example' })).status).toBe(403);
  expect((await board({ host: 'evil.example' })).status).toBe(403);
  expect((await board({})).status).toBe(200);
});

test('with a token every request needs it, but for the probes', async () => {
  await using api = await apiFixture({ token: TOKEN });
  const paths = ['/api/pending-tickets', '/api/tickets/ACME-1', '/metrics', '/admin/queues', '/nowhere'];
  for (const path of paths) {
    expect(await api.get(path), path).toMatchObject({ status: 401, json: { code: 'UNAUTHORIZED' } });
    for (const authorization of [`Bearer ${TOKEN}x`, 'Bearer', TOKEN, `bearer ${TOKEN}`])
      expect((await api.call('GET', path, { headers: { authorization } })).status, path).toBe(401);
  }
  for (const path of ['/health', '/livez', '/readyz']) expect((await api.get(path)).status, path).toBe(200);
  const headers = { authorization: `Bearer ${TOKEN}` };
  expect((await api.call('GET', '/api/pending-tickets', { headers })).status).toBe(200);
  expect((await api.call('GET', '/nowhere', { headers })).status).toBe(404);
});

test('with a token the host name does not matter', async () => {
  await using api = await apiFixture({ token: TOKEN });
  const headers = { authorization: `Bearer ${TOKEN}`, host: 'pco.example.com' };
  expect((await api.call('GET', '/api/pending-tickets', { headers })).status).toBe(200);
});

test.each([
  ['without a token', {}],
  ['with a token', { token: TOKEN }],
])('a configured page may ask first what it may do, %s', async (_how, settings) => {
  await using api = await apiFixture({ ...settings, cors_origins: ['https://dash.example'] });
  for (const method of ['POST', 'DELETE']) {
    const headers = {
      origin: 'https://dash.example',
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type',
    };
    const answer = await api.call('OPTIONS', '/api/tickets/ACME-1', { headers });
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe('https://dash.example');
    expect(answer.headers['access-control-allow-methods']).toContain(method);
    expect(answer.headers['access-control-allow-headers']).toContain('authorization');
  }
});

test('a page that is not configured is allowed nothing', async () => {
  await using api = await apiFixture({ cors_origins: ['https://dash.example'] });
  const headers = { origin: 'https://evil.example', 'access-control-request-method': 'DELETE' };
  const answer = await api.call('OPTIONS', '/api/tickets/ACME-1', { headers });
  expect(answer.headers['access-control-allow-origin']).not.toBe('https://evil.example');
});

test.each(['0.0.0.0', '::', '10.1.2.3', 'pco.example.com'])(
  'listening on %s without a token is refused at start',
  async (host) => {
    const { prefix } = await redisFixture();
    const config = { ...testConfig({ api: { host, port: 0 } }), redis: { url: await redisUrl(), prefix } };
    await expect(startApi(config, silentLog)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/api\.host.*api\.token/),
    });
  },
);

test('listening beyond this host with a token is fine', async () => {
  await using api = await apiFixture({ host: '0.0.0.0', token: TOKEN });
  expect((await api.get('/livez')).status).toBe(200);
});

test('an api whose port is taken closes what it had opened', async () => {
  await using api = await apiFixture();
  const port = Number(new URL(api.url).port);
  const config = { ...api.config, api: { ...api.config.api, port } };
  await expect(startApi(config, silentLog)).rejects.toThrow(/EADDRINUSE/);
  await using core = await openCore(api.config, silentLog, 'fail');
  expect(await core.redis.client.ping()).toBe('PONG');
});

test('who asks too often waits, and others do not', async () => {
  const other = 'another-token-of-the-same-host';
  const hash = createHash('sha256').update(other).digest('hex');
  await using api = await apiFixture({
    token: TOKEN,
    tokens: { other: { role: 'viewer', hash } },
    requests_per_minute: 5,
  });
  const as = (token: string) => api.call('GET', '/api/me', { headers: { authorization: `Bearer ${token}` } });
  const statuses: number[] = [];
  for (let n = 0; n < 6; n += 1) statuses.push((await as(TOKEN)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  expect(await as(TOKEN)).toMatchObject({
    json: { code: 'RATE_LIMITED' },
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
  });
  expect((await as(other)).status).toBe(200);
  const wrong: number[] = [];
  for (let n = 0; n < 6; n += 1) wrong.push((await as('something-that-is-no-token')).status);
  expect(wrong).toEqual([401, 401, 401, 401, 401, 429]);
});

test('every answer tells browsers to load nothing from elsewhere and to show us in no frame', async () => {
  await using api = await apiFixture();
  for (const path of ['/', '/health', '/docs/', '/admin/queues', '/nowhere', '/api/tickets?wrong=1', '/api/tickets']) {
    const { headers } = await api.get(path);
    expect(headers, path).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'self';.*frame-ancestors 'none'/),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'origin-agent-cluster': '?1',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-dns-prefetch-control': 'off',
      'x-download-options': 'noopen',
      'x-frame-options': 'DENY',
      'x-permitted-cross-domain-policies': 'none',
      'x-xss-protection': '0',
    });
    expect(headers['strict-transport-security'], path).toBeUndefined();
  }
});

test('behind TLS browsers are told to stay with it, and pages of configured origins may read', async () => {
  await using api = await apiFixture({
    public_url: 'https://pco.example.com',
    cors_origins: ['https://tools.example.com'],
  });
  expect((await api.get('/health')).headers).toMatchObject({
    'strict-transport-security': 'max-age=15552000; includeSubDomains',
    'cross-origin-resource-policy': 'cross-origin',
  });
});

test('a list of origins is a list: the word for all of them is refused', () => {
  expect(() => testConfig({ api: { cors_origins: ['*'] } })).toThrow(/name the origins/);
});
