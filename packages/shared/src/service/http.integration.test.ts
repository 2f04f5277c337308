import { expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { Counter, Registry } from '../metrics.ts';
import { silentLog } from '../testing/index.ts';
import { addProbes, createHttp, isLoopback, listen, type Readiness } from './http.ts';

/** A server of ours, really listening, with a few routes that go wrong. */
async function serve(ready: () => Promise<Readiness> = async () => ({ ok: true, checks: {} })) {
  const app = createHttp({ log: silentLog, bodyLimitBytes: 1_000 });
  const registry = new Registry();
  new Counter({ name: 'looks_total', help: 'looks', registers: [registry] }).inc();
  addProbes(app, registry, ready);
  app.post('/echo', async (request) => ({ id: request.id, body: request.body }));
  app.get('/app-error', () => {
    throw new AppError('TICKET_BUSY', { why: 'it is active' });
  });
  app.get('/issues', () => {
    throw new AppError('PAYLOAD_INVALID', { issues: [{ loc: ['body'], msg: 'bad' }] });
  });
  app.get('/bug', () => {
    throw new Error('password=hunter2 at /srv/secret.ts');
  });
  app.get('/items/:id', async (request) => request.params);
  const { url, ...listening } = await listen(app, { host: '127.0.0.1', port: 0 });
  const call = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(url + path, init);
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    const body: unknown = isJson ? JSON.parse(text) : text;
    return { status: answer.status, body, headers: answer.headers };
  };
  const post = (body: string, headers: Record<string, string> = {}) =>
    call('/echo', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  return { url, call, post, ...listening };
}

test('an expected failure answers with its status, its reason and its code', async () => {
  await using http = await serve();
  expect(await http.call('/app-error')).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('it is active'), code: 'TICKET_BUSY' },
  });
  expect(await http.call('/issues')).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ['body'], msg: 'bad' }], code: 'PAYLOAD_INVALID' },
  });
});

test('a bug answers 500 and tells nothing', async () => {
  await using http = await serve();
  const { status, body } = await http.call('/bug');
  expect(status).toBe(500);
  expect(body).toEqual({ detail: 'internal error', code: 'INTERNAL' });
});

test('what is not there answers 404 in the same shape, a slash at the end or not', async () => {
  await using http = await serve();
  expect(await http.call('/nowhere')).toMatchObject({ status: 404, body: { detail: 'Not found', code: 'NOT_FOUND' } });
  expect(await http.call('/echo')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  expect((await http.call('/livez/')).status).toBe(200);
});

test('an address that cannot be read answers 400 in the same shape', async () => {
  await using http = await serve();
  const { status, body } = await http.call('/items/%zz');
  expect(status).toBe(400);
  expect(body).toEqual({ detail: expect.any(String), code: expect.any(String) });
});

test('a body over the limit answers 413, broken JSON 400, another type 415', async () => {
  await using http = await serve();
  expect(await http.post(JSON.stringify('x'.repeat(1_001)))).toMatchObject({
    status: 413,
    body: { detail: expect.any(String) },
  });
  expect(await http.post('{"a":')).toMatchObject({ status: 400, body: { detail: expect.any(String) } });
  expect(await http.post('{"__proto__":{"admin":true}}')).toMatchObject({ status: 400 });
  expect((await http.post('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
  expect(await http.post('{"a":1}')).toMatchObject({ status: 200, body: { body: { a: 1 } } });
});

test('a harmless request id is kept, anything else is replaced', async () => {
  await using http = await serve();
  const idOf = async (given: string) => (await http.post('{}', { 'x-request-id': given })).body;
  expect(await idOf('req-1.A_b')).toMatchObject({ id: 'req-1.A_b' });
  for (const hostile of ['a b', 'a"b', '../x', 'x'.repeat(65), '{pco}', 'a:b', '\u00e9'])
    expect(await idOf(hostile)).toMatchObject({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});

test('livez says that the loop turns, readyz whether the service can work', async () => {
  const state: { now: Readiness } = { now: { ok: true, checks: { redis: 'PONG' } } };
  await using http = await serve(async () => state.now);
  expect(await http.call('/livez')).toMatchObject({ status: 200, body: { ok: true } });
  expect(await http.call('/readyz')).toMatchObject({ status: 200, body: { ok: true, checks: { redis: 'PONG' } } });
  state.now = { ok: false, checks: { redis: 'no answer' } };
  expect(await http.call('/readyz')).toMatchObject({
    status: 503,
    body: { ok: false, checks: { redis: 'no answer' } },
  });
  expect((await http.call('/livez')).status).toBe(200);
});

test('a readiness that cannot be found out is no readiness', async () => {
  await using http = await serve(() => Promise.reject(new Error('redis://:password@host')));
  const { status, body } = await http.call('/readyz');
  expect(status).toBe(503);
  expect(JSON.stringify(body)).not.toContain('password');
});

test('metrics are Prometheus text', async () => {
  await using http = await serve();
  const { status, body, headers } = await http.call('/metrics');
  expect([status, body]).toEqual([200, expect.stringContaining('looks_total 1')]);
  expect(headers.get('content-type')).toContain('text/plain');
});

test('a stop does not wait for a client that keeps its connection', async () => {
  const http = await serve();
  await fetch(`${http.url}/livez`, { keepalive: true });
  await http[Symbol.asyncDispose]();
  await expect(fetch(`${http.url}/livez`)).rejects.toThrow();
});

test('only an address of this host alone is loopback', () => {
  for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1', '[::1]'])
    expect(isLoopback(host), host).toBe(true);
  for (const host of ['0.0.0.0', '::', '', '127.0.0.1.evil.com', 'localhost.evil.com', '10.0.0.1', '[::ffff:10.0.0.1]'])
    expect(isLoopback(host), host).toBe(false);
});
