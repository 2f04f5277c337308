import { createHmac } from 'node:crypto';
import { eventually, PROJECT_ID, startRedisServer } from '@pco/shared/testing';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { apiFixture } from './testing/api-fixture.ts';

const SECRET = 'plane_wh_0123456789abcdef0123456789abcdef';
const NEXT_SECRET = 'plane_wh_fedcba9876543210fedcba9876543210';
const ITEM = '11111111-2222-4333-8444-555555555555';
const HUMAN = 'aaaaaaaa-2222-4333-8444-555555555555';
const BOT = 'bbbbbbbb-2222-4333-8444-555555555555';

/** An api that expects webhooks for one watched project. */
async function webhookApi(settings: Parameters<typeof apiFixture>[0] = {}, secrets = [SECRET], redisUrl?: string) {
  const api = await apiFixture(settings, undefined, {
    webhooks: { secrets },
    ...(redisUrl === undefined ? {} : { redis: { url: redisUrl } }),
  });
  const { client, keys } = api.core.redis;
  await client.sadd(keys.projects, PROJECT_ID);
  const metrics = async () => (await api.call('GET', '/metrics')).text;
  return {
    ...api,
    client,
    keys,
    hints: async () =>
      (await api.core.queues.get('plane-read').getJobs(['waiting', 'delayed', 'active'])).map(({ name, data }) => ({
        name,
        data: data as unknown,
      })),
    count: async (outcome: string) =>
      Number(new RegExp(`webhook_deliveries_total\\{outcome="${outcome}"\\} (\\d+)`).exec(await metrics())?.[1]),
    metrics,
  };
}

let counter = 0;
/** As Plane serialises it: spaces after separators, and a data.updated_at of its own each time. */
const body = (over: { event?: string; action?: string; data?: object; actor?: string } = {}): Buffer => {
  counter += 1;
  const { event = 'issue', action = 'updated', data = {}, actor = HUMAN } = over;
  const all = { id: ITEM, project: PROJECT_ID, updated_at: `2026-11-20T17:53:21.${100_000 + counter}Z`, ...data };
  const activity = { field: 'state_id', old_value: 'a', new_value: 'b', actor: { id: actor, display_name: 'alice' } };
  return Buffer.from(JSON.stringify({ event, action, webhook_id: 'w', data: all, activity }).replaceAll('":', '": '));
};

const sign = (bytes: Buffer, secret = SECRET): string => createHmac('sha256', secret).update(bytes).digest('hex');

async function deliver(
  url: string,
  bytes: Buffer,
  { signature = sign(bytes), headers = {} }: { signature?: string | null; headers?: Record<string, string> } = {},
) {
  const answer = await request(`${url}/webhooks/plane`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-plane-delivery': crypto.randomUUID(),
      'x-plane-event': 'issue',
      ...(signature === null ? {} : { 'x-plane-signature': signature }),
      ...headers,
    },
    body: bytes,
  });
  return {
    status: answer.statusCode,
    json: (await answer.body.json()) as { status?: string; code?: string; detail?: string },
  };
}

test('a delivery is answered when the look that it asks for is queued, and the job carries ids only', async () => {
  await using api = await webhookApi();
  expect(await deliver(api.url, body())).toEqual({ status: 200, json: { status: 'queued' } });
  expect(await api.hints()).toEqual([
    { name: 'look', data: { projectId: PROJECT_ID, workItem: ITEM, cid: expect.any(String) } },
  ]);
  expect(await api.count('queued')).toBe(1);
  expect(await api.metrics()).toMatch(/webhook_last_delivery_timestamp_seconds 1\d{9}/);
});

test('a comment makes its work item be looked at', async () => {
  await using api = await webhookApi();
  const data = { id: 'cccccccc-2222-4333-8444-555555555555', issue: ITEM };
  await deliver(api.url, body({ event: 'issue_comment', action: 'create', data }));
  expect(await api.hints()).toEqual([
    { name: 'look', data: { projectId: PROJECT_ID, workItem: ITEM, cid: expect.any(String) } },
  ]);
});

test('many deliveries about one work item wait as one look', async () => {
  await using api = await webhookApi();
  const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(api.url, body())));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(await api.hints()).toHaveLength(1);
});

test('a forged or unsigned delivery is refused, counted and leaves nothing behind', async () => {
  await using api = await webhookApi();
  const bytes = body();
  const changed = Buffer.from(bytes.toString().replace('updated', 'deleted'));
  const forged = [
    [bytes, { signature: null }],
    [bytes, { signature: '0'.repeat(64) }],
    [bytes, { signature: sign(bytes, NEXT_SECRET) }],
    [changed, { signature: sign(bytes) }],
    // the same JSON in other bytes
    [Buffer.from(JSON.stringify(JSON.parse(bytes.toString()))), { signature: sign(bytes) }],
    [Buffer.alloc(0), { signature: sign(bytes) }],
  ] as const;
  for (const [given, options] of forged)
    expect(await deliver(api.url, given, options)).toMatchObject({ status: 401, json: { code: 'SIGNATURE_INVALID' } });
  expect(await api.hints()).toEqual([]);
  expect(await api.count('forged')).toBe(forged.length);
  expect(await api.client.exists(api.keys.webhooks)).toBe(0);
  expect((await deliver(api.url, bytes)).status).toBe(200);
});

test('a secret is replaced without losing a delivery: both are valid for a while', async () => {
  await using api = await webhookApi({}, [SECRET, NEXT_SECRET]);
  for (const secret of [SECRET, NEXT_SECRET]) {
    const bytes = body();
    expect((await deliver(api.url, bytes, { signature: sign(bytes, secret) })).json).toEqual({ status: 'queued' });
  }
});

test('the same bytes are taken once, whatever id the repetition has; a look follows every other delivery', async () => {
  await using api = await webhookApi();
  const bytes = body();
  expect((await deliver(api.url, bytes)).json).toEqual({ status: 'queued' });
  await api.core.queues.get('plane-read').obliterate({ force: true });
  for (let i = 0; i < 3; i += 1) expect((await deliver(api.url, bytes)).json).toEqual({ status: 'duplicate' });
  expect(await api.hints()).toEqual([]);
  expect(await api.count('duplicate')).toBe(3);
  expect((await deliver(api.url, body())).json).toEqual({ status: 'queued' });
  expect(await api.hints()).toHaveLength(1);
});

test('a repeated delivery is no sign that webhooks work again', async () => {
  await using api = await webhookApi();
  const bytes = body();
  await deliver(api.url, bytes);
  await api.client.hset(api.keys.webhooks, 'missed', 3);
  await deliver(api.url, bytes);
  expect((await api.get('/health')).json).toMatchObject({ status: 'degraded', webhooks: { status: 'unhealthy' } });
  expect(await api.metrics()).toMatch(/^webhooks_healthy 0$/m);
  await deliver(api.url, body());
  expect((await api.get('/health')).json).toMatchObject({ webhooks: { status: 'healthy', error: null } });
  expect(await api.metrics()).toMatch(/^webhooks_healthy 1$/m);
});

test('what is not watched, or our own doing, is answered kindly and not looked at', async () => {
  await using api = await webhookApi();
  await api.client.set(api.keys.planeUser, BOT);
  const elsewhere = { project: 'dddddddd-2222-4333-8444-555555555555' };
  expect((await deliver(api.url, body({ data: elsewhere }))).json).toEqual({ status: 'ignored' });
  for (const event of ['project', 'cycle', 'module', 'something-new'])
    expect((await deliver(api.url, body({ event }))).json).toEqual({ status: 'ignored' });
  expect((await deliver(api.url, body({ actor: BOT }))).json).toEqual({ status: 'own' });
  expect(await api.hints()).toEqual([]);
  expect([await api.count('ignored'), await api.count('own')]).toEqual([5, 1]);
});

test('a deleted work item, of which Plane says nothing but the id, is looked at when a ticket lives on it', async () => {
  await using api = await webhookApi();
  await api.bring('ACME-1', 'pending');
  const { uuid, projectId } = (await api.core.ticket('ACME-1')).workItem;
  await api.client.sadd(api.keys.projects, projectId);
  const deleted = (id: string) => body({ action: 'deleted', data: { id, project: undefined } });
  expect((await deliver(api.url, deleted(uuid))).json).toEqual({ status: 'queued' });
  expect((await deliver(api.url, deleted(HUMAN))).json).toEqual({ status: 'ignored' });
  expect(await api.hints()).toEqual([{ name: 'look', data: { projectId, workItem: uuid, cid: expect.any(String) } }]);
});

test('a signed body that is no delivery is refused with what is missing', async () => {
  await using api = await webhookApi();
  for (const text of ['{', 'null', '{"event":"issue"}'])
    expect(await deliver(api.url, Buffer.from(text))).toMatchObject({ status: 422, json: { code: 'PAYLOAD_INVALID' } });
  expect(await api.count('unreadable')).toBe(3);
});

test('a body over 1 MiB is refused and counted; just below it is read', async () => {
  await using api = await webhookApi();
  const large = (bytes: number) => body({ data: { description_html: 'x'.repeat(bytes) } });
  expect((await deliver(api.url, large(1024 * 1024))).status).toBe(413);
  expect(await api.count('too_large')).toBe(1);
  expect((await deliver(api.url, large(1000 * 1000))).json).toEqual({ status: 'queued' });
});

test('without a secret the endpoint says what to set, and health does not complain', async () => {
  await using api = await webhookApi({}, []);
  const answer = await deliver(api.url, body());
  expect(answer).toMatchObject({
    status: 404,
    json: { code: 'ROUTE_DISABLED', detail: expect.stringMatching(/webhooks\.secrets/) },
  });
  await api.client.hset(api.keys.webhooks, 'missed', 9);
  expect((await api.get('/health')).json).toMatchObject({ webhooks: { status: 'off', error: null } });
});

test('the bearer token is not asked for here, and opens nothing here either', async () => {
  const token = 'a-token-of-sixteen-or-more';
  await using api = await webhookApi({ token });
  expect((await deliver(api.url, body())).status).toBe(200);
  const headers = { authorization: `Bearer ${token}` };
  expect((await deliver(api.url, body(), { signature: null, headers })).status).toBe(401);
});

test('without a token a foreign origin or host name is refused as everywhere', async () => {
  await using api = await webhookApi();
  for (const headers of [{ origin: 'https://evil.example' }, { host: 'evil.example' }])
    expect((await deliver(api.url, body(), { headers })).json.code).toBe('ORIGIN_REFUSED');
});

test('no other route reads raw bodies, and no answer or log shows a secret', async () => {
  await using api = await webhookApi();
  expect((await api.post('/api/test/add-ticket', { id: 1 })).status).toBe(422);
  const answer = await deliver(api.url, body(), { signature: null });
  expect(JSON.stringify(answer)).not.toContain(SECRET);
});

test('without Redis the answer is a quick 503; with it again the same delivery is taken', async () => {
  await using server = await startRedisServer();
  await using api = await webhookApi({}, [SECRET], server.url);
  const bytes = body();
  await server.kill();
  const from = performance.now();
  expect(await deliver(api.url, bytes)).toMatchObject({ status: 503, json: { code: 'REDIS_UNREACHABLE' } });
  expect(performance.now() - from).toBeLessThan(5_000);
  await server.start();
  await eventually(async () => api.client.sadd(api.keys.projects, PROJECT_ID)).toBeDefined();
  await eventually(async () => (await deliver(api.url, bytes)).json.status).toBe('queued');
});
