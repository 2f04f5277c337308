import { createHash } from 'node:crypto';
import { createRunnerStore, type Heartbeat } from '@pco/shared/redis';
import { eventually } from '@pco/shared/testing';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { sandbox, serve } from '../../tmux-session-service/src/testing/fixture.ts';
import { terminal } from '../../tmux-session-service/src/testing/terminal-client.ts';
import { type ApiFixture, apiFixture } from './testing/api-fixture.ts';

// Sessions of three runners behind one address, in the terminal service's own protocol.

vi.setConfig({ testTimeout: 120_000 });
const SERVICE_TOKEN = 'of-all-terminal-services';
const CAT = { command: ['sh', '-c', 'exec cat'] };
const heartbeat: Heartbeat = {
  ...{ instance: 'i', host: 'h', pid: 1, capacity: 1, at: 0, pools: [], labels: [], versions: {} },
};

/** Three terminal services, each over a tmux of its own, and the api that knows them by their runners. */
async function threeRunners(api: Parameters<typeof apiFixture>[0] = {}) {
  await using stack = new AsyncDisposableStack();
  const names = ['runner-1', 'runner-2', 'runner-3'];
  const fixture = stack.use(
    await apiFixture(api, undefined, { tmux_session_service: { url: 'http://127.0.0.1:9', token: SERVICE_TOKEN } }),
  );
  const { client, keys } = fixture.core.redis;
  const store = createRunnerStore(client, keys);
  const services = [];
  for (const name of names) {
    const box = stack.use(await sandbox());
    const service = await serve(box, { PCO_TMUX_SESSION_SERVICE_TOKEN: SERVICE_TOKEN });
    let isOpen = true;
    const stop = async () => {
      if (isOpen) await service[Symbol.asyncDispose]();
      isOpen = false;
    };
    stack.defer(stop);
    await store.beat(name, { ...heartbeat, terminalUrl: service.url }, 60_000);
    const put = (id: string) =>
      service.call('PUT', `/sessions/${id}`, CAT, { authorization: `Bearer ${SERVICE_TOKEN}` });
    services.push({ name, put, stop });
  }
  const opened = stack.move();
  return { ...fixture, services, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
const runnersOf = async (api: ApiFixture): Promise<unknown> => {
  const { json } = await api.get('/api/sessions');
  const { sessions } = json as { sessions: { sessionId: string; runner: string }[] }; // as documented
  return Object.fromEntries(sessions.map(({ sessionId, runner }) => [sessionId, runner]));
};

test('sessions of all runners are one list, and each is found wherever it is', async () => {
  await using api = await threeRunners();
  for (const { name, put } of api.services) expect((await put(`on-${name}`)).status).toBe(200);
  expect(await runnersOf(api)).toEqual({
    'on-runner-1': 'runner-1',
    'on-runner-2': 'runner-2',
    'on-runner-3': 'runner-3',
  });
  for (const { name } of api.services) {
    const at = `/api/sessions/on-${name}`;
    expect(await api.get(at)).toMatchObject({ status: 200, headers: { 'x-pco-runner': name } });
    expect((await api.post(`${at}/keepalive`)).status).toBe(200);
    expect((await api.post(`${at}/input`, { text: `to ${name}`, enter: true })).status).toBe(204);
    await eventually(async () => (await api.get(`${at}/screen`)).text).toContain(`to ${name}`);
    await eventually(async () => (await api.get(`${at}/recording`)).text).toContain(`to ${name}`);
    expect((await api.call('DELETE', at)).status).toBe(204);
    expect((await api.get(at)).status).toBe(404);
  }
  expect(await runnersOf(api)).toEqual({});
});

test('a session is made once, on a runner of its own choice or on the one that is named', async () => {
  await using api = await threeRunners();
  const made = await Promise.all(Array.from({ length: 4 }, () => api.call('PUT', '/api/sessions/mine', { body: CAT })));
  expect(made.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(made.filter(({ json }) => (json as { created: boolean }).created)).toHaveLength(1); // as documented
  expect(await api.call('PUT', '/api/sessions/there?runner=runner-3', { body: CAT })).toMatchObject({ status: 200 });
  expect(await api.post('/api/sessions', { terminalId: 'mine' })).toMatchObject({ status: 201 });
  expect(await runnersOf(api)).toEqual({ mine: 'runner-1', there: 'runner-3' });
  expect((await api.call('PUT', '/api/sessions/there?runner=nobody', { body: CAT })).status).toBe(404);
  expect(await api.call('PUT', '/api/sessions/there', { body: { command: [] } })).toMatchObject({
    status: 400,
    json: { detail: expect.stringContaining('command'), code: 'PAYLOAD_INVALID' },
  });
  expect((await api.get('/api/sessions/a:b')).status).toBe(400);
  expect((await api.post('/api/sessions', { sessionId: 1 })).status).toBe(422);
});

test('of two sessions by one name none is taken for the other', async () => {
  await using api = await threeRunners();
  for (const { put } of api.services.slice(1)) await put('twice');
  expect(await api.call('DELETE', '/api/sessions/twice')).toMatchObject({
    status: 409,
    json: { detail: expect.stringContaining('runner-2 and runner-3'), code: 'SESSION_CONFLICT' },
  });
  expect((await api.call('DELETE', '/api/sessions/twice?runner=runner-2')).status).toBe(204);
  expect(await runnersOf(api)).toEqual({ twice: 'runner-3' });
});

test('while a runner is silent the others go on, and what only it may know is not guessed', async () => {
  await using api = await threeRunners();
  const [first, second, third] = api.services;
  await second?.put('here');
  await third?.stop();
  const { json } = await api.get('/api/sessions');
  expect(json).toMatchObject({ sessions: [{ sessionId: 'here', runner: 'runner-2' }], unreachable: ['runner-3'] });
  expect((await api.get('/api/sessions/here')).status).toBe(200);
  for (const method of ['GET', 'PUT'] as const)
    expect(await api.call(method, '/api/sessions/elsewhere', method === 'PUT' ? { body: CAT } : {})).toMatchObject({
      status: 503,
      json: { detail: expect.stringContaining('runner-3') },
    });
  await first?.stop();
  await second?.stop();
  expect((await api.get('/api/sessions')).status).toBe(503);
});

test('terminals of all runners open by one address, and are made only on demand', async () => {
  await using api = await threeRunners();
  await api.services[1]?.put('there');
  const viewer = terminal(api.url, '/ws/sessions/there');
  await eventually(() => viewer.last('ready')).toMatchObject({ sessionId: 'there', access: 'control' });
  viewer.send({ type: 'input', payload: 'typed\r' });
  await eventually(viewer.output).toContain('typed');
  expect(JSON.stringify(viewer.frames)).not.toContain(SERVICE_TOKEN);
  const replay = terminal(api.url, '/ws/sessions/there/replay');
  await eventually(replay.output).toContain('typed');
  expect(await terminal(api.url, '/ws/sessions/nowhere').closed).toBe(4404);
  const made = terminal(api.url, '/ws/sessions/new?create=true');
  await eventually(() => made.last('ready')).toBeDefined();
  expect(await runnersOf(api)).toEqual({ new: 'runner-1', there: 'runner-2' });
});

test('viewers look, operators type, admins make and end sessions', async () => {
  const tokenOf = (role: string) => `a-token-of-the-${role}-for-tests`;
  const tokens = Object.fromEntries(
    (['viewer', 'operator', 'admin'] as const).map((role) => [
      role,
      { role, hash: createHash('sha256').update(tokenOf(role)).digest('hex') },
    ]),
  );
  await using api = await threeRunners({ tokens });
  await api.services[2]?.put('mine');
  const as = (role: string) => ({ authorization: `Bearer ${tokenOf(role)}` });
  const access = async (role: string, query = '') => {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws/sessions/mine${query}`, { headers: as(role) });
    const [frame] = await new Promise<string[]>((resolve, reject) => {
      socket.on('message', (data) => resolve([String(data)]));
      socket.on('error', reject);
    });
    socket.terminate();
    return JSON.parse(frame ?? '{}');
  };
  expect(await access('viewer')).toMatchObject({ type: 'ready', access: 'view' });
  expect(await access('operator')).toMatchObject({ type: 'ready', access: 'control' });
  expect(await access('viewer', '?mode=control')).toMatchObject({ type: 'error' });
  const put = (role: string) => api.call('PUT', '/api/sessions/mine', { body: CAT, headers: as(role) });
  expect([(await put('viewer')).status, (await put('operator')).status, (await put('admin')).status]).toEqual([
    403, 403, 200,
  ]);
  const { client, keys } = api.core.redis;
  expect(JSON.stringify(await client.xrevrange(keys.audit, '+', '-', 'COUNT', 9))).toContain('PUT /api/sessions/:id');
});
