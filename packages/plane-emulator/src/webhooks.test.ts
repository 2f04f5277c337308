import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { createPlaneEmulator, type PlaneEmulator } from './index.ts';
import { pythonJson } from './python-json.ts';
import type { SettingsChange } from './settings.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: { event: string; action: string; data: Record<string, never>; activity: Record<string, never> };
}

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const SECRET = 'plane_wh_test';

/** A project with a webhook, and who receives it. */
async function setUp(settings: SettingsChange = {}, status = 200) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString('utf8');
    received.push({ headers: request.headers, raw, body: JSON.parse(raw) });
    response.statusCode = status;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  });
  const plane = await createPlaneEmulator({
    settings: { bumpDelayMs: 0, webhookDelayMs: 1, ...settings },
    seed: { projects: [{ identifier: 'ACME' }] },
  });
  open.push(plane);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const hook = plane.webhook({ url, secret: SECRET });
  return { plane, received, hook };
}

const eventually = (read: () => unknown) => expect.poll(read, { timeout: 10_000, interval: 5 });
/** Nothing is told of this last change before what was told earlier is there. */
async function told(plane: PlaneEmulator, received: Received[]): Promise<void> {
  const { id } = plane.createItem({ project: 'ACME', name: 'the last one' });
  await eventually(() => received.some(({ body }) => String(body.data.id) === id)).toBe(true);
}

test('a new work item is told with Plane’s headers, signed over the very bytes', async () => {
  const { plane, received } = await setUp();
  const { id } = plane.createItem({ project: 'ACME', name: 'Überall', labels: ['agent'], state: 'Todo' });
  await eventually(() => received.length).toBe(1);
  const [{ headers, raw, body }] = received as [Received];
  expect(headers).toMatchObject({ 'x-plane-event': 'issue', 'user-agent': 'Autopilot' });
  expect(headers['x-plane-delivery']).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers['x-plane-signature']).toBe(createHmac('sha256', SECRET).update(raw).digest('hex'));
  expect(raw).toMatch(/^\{"event": "issue", "action": "created", "webhook_id": "/);
  expect(raw).toContain('\\u00dcberall');
  expect(body).toMatchObject({
    data: { id, state: { name: 'Todo', group: 'unstarted' }, labels: [{ name: 'agent' }], sequence_id: 1 },
    activity: { field: null, actor: { id: plane.humanId, display_name: 'alice' } },
  });
});

test('an edit is told once per key that changed, under the names of who edited', async () => {
  const { plane, received } = await setUp({ maxPerPage: 100 });
  const { key, id, projectId } = plane.createItem({ project: 'ACME', name: 'one', state: 'Todo' });
  plane.editItem(key, { name: 'two', state: 'In Progress', priority: 'none' });
  const item = `${plane.apiUrl}/workspaces/${plane.slug}/projects/${projectId}/work-items/${id}/`;
  const states = await fetch(item.replace(/work-items.*/, 'states/'), { headers: { 'x-api-key': plane.apiKey } });
  const { results } = (await states.json()) as { results: { id: string; name: string }[] };
  const state = results.find(({ name }) => name === 'Done')?.id;
  const headers = { 'x-api-key': plane.apiKey, 'content-type': 'application/json' };
  await fetch(item, { method: 'PATCH', headers, body: JSON.stringify({ state }) });
  await eventually(() => received.length).toBe(4);
  const updates = received.filter(({ body }) => body.action === 'updated').map(({ body }) => body.activity);
  expect(updates.map(({ field }) => field).sort()).toEqual(['name', 'state', 'state_id']);
  const byBot = updates.find(({ field }) => field === 'state') as { actor?: { id: string } } | undefined;
  expect(byBot?.actor?.id).toBe(plane.botId);
});

test('comments are told, deletions and changes of nothing are not', async () => {
  const { plane, received } = await setUp();
  const { key } = plane.createItem({ project: 'ACME', name: 'one' });
  const { id } = plane.comment(key, { html: '<p>hi</p>' });
  plane.editComment(id, { html: '<p>ho</p>' });
  plane.editItem(key, { name: 'one' });
  await eventually(() => received.length).toBe(3);
  plane.deleteComment(id);
  plane.deleteItem(key);
  await told(plane, received);
  expect(received.map(({ body }) => `${body.event} ${body.action}`).sort()).toEqual([
    'issue created',
    'issue created',
    'issue_comment created',
    'issue_comment updated',
  ]);
});

test('any HTTP status counts as delivered', async () => {
  const { plane, received } = await setUp({ webhookRetryMs: 1 }, 500);
  plane.createItem({ project: 'ACME', name: 'one' });
  await eventually(() => plane.deliveries().length).toBe(1);
  await told(plane, received);
  await eventually(() => plane.deliveries().map(({ status, attempt }) => [status, attempt])).toEqual([
    [500, 1],
    [500, 1],
  ]);
});

test('six network errors switch a webhook off, until a person switches it on', async () => {
  const { plane, received, hook } = await setUp({ webhookRetryMs: 1 });
  const dead = plane.webhook({ url: 'http://127.0.0.1:1/nobody' });
  plane.createItem({ project: 'ACME', name: 'one' });
  await eventually(() => plane.webhooks().find(({ id }) => id === dead.id)?.isActive).toBe(false);
  const tries = plane.deliveries().filter(({ webhook }) => webhook === dead.id);
  expect(tries.map(({ attempt, status }) => [attempt, status])).toEqual([1, 2, 3, 4, 5, 6].map((n) => [n, null]));
  expect(new Set(tries.map(({ delivery }) => delivery)).size).toBe(6);
  plane.setWebhookActive(dead.id, true);
  expect(plane.webhooks().map(({ isActive }) => isActive)).toEqual([true, true]);
  expect(plane.webhooks()[0]?.id).toBe(hook.id);
  expect(received).toHaveLength(1);
});

test('deliveries can be lost, doubled and overtake each other', async () => {
  const { plane, received } = await setUp({ webhookDropRate: 1 });
  plane.createItem({ project: 'ACME', name: 'lost' });
  plane.settings({ webhookDropRate: 0, webhookDuplicateRate: 1, webhookJitterMs: 60 });
  for (let i = 0; i < 12; i += 1) plane.createItem({ project: 'ACME', name: `item ${i}` });
  await eventually(() => received.length).toBe(24);
  const names = received.map(({ body }) => String(body.data.name));
  expect(names).not.toContain('lost');
  expect(names).not.toEqual(names.toSorted());
});

test('Python’s JSON says the same as ours in other bytes', () => {
  expect(pythonJson({ a: [1, null, 'ü"\n'], b: {}, c: undefined })).toBe('{"a": [1, null, "\\u00fc\\"\\n"], "b": {}}');
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = pythonJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
      expect(text).toMatch(/^[\x00-\x7e]*$/);
    }),
  );
});

test('the next deliveries can be lost, doubled, delayed or overtaken, chosen by what they tell', async () => {
  const { plane, received } = await setUp();
  plane.webhookFault({ kind: 'drop', field: 'priority' });
  plane.webhookFault({ kind: 'duplicate', copies: 3, event: 'issue_comment' });
  plane.webhookFault({ kind: 'reorder', action: 'created', event: 'issue' });
  const { key } = plane.createItem({ project: 'ACME', name: 'one' });
  await expect.poll(() => plane.webhookFaults()).toHaveLength(2);
  expect(received).toHaveLength(0);
  plane.editItem(key, { name: 'two', priority: 'high' });
  await eventually(() => received.length).toBe(2);
  expect(received.map(({ body }) => body.action)).toEqual(['updated', 'created']);
  plane.comment(key, { html: 'x' });
  await eventually(() => received.length).toBe(5);
  expect(new Set(received.slice(2).map(({ raw }) => raw)).size).toBe(1);
  expect(new Set(received.map(({ headers }) => headers['x-plane-delivery'])).size).toBe(5);
  expect(plane.webhookFaults()).toEqual([]);

  plane.webhookFault({ kind: 'delay', ms: 60_000, times: 'always' });
  const id = plane.webhookFault({ kind: 'drop' });
  plane.removeWebhookFault(id);
  plane.editItem(key, { name: 'three' });
  plane.clearWebhookFaults();
  expect(plane.webhookFaults()).toEqual([]);
});

test('a delivery that is held back goes alone when nothing follows', async () => {
  const { plane, received } = await setUp();
  plane.webhookFault({ kind: 'reorder', ms: 20 });
  plane.createItem({ project: 'ACME', name: 'one' });
  await eventually(() => received.length).toBe(1);
});

test('a receiver that does not answer in time is a network error', async () => {
  const { plane, hook } = await setUp({ webhookTimeoutMs: 30, webhookRetryMs: 60_000 });
  const deaf = createServer(() => undefined);
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  open.push({
    [Symbol.asyncDispose]: () => {
      deaf.closeAllConnections();
      return new Promise((resolve) => deaf.close(() => resolve()));
    },
  });
  plane.removeWebhook(hook.id);
  plane.webhook({ url: `http://127.0.0.1:${(deaf.address() as AddressInfo).port}/` });
  plane.createItem({ project: 'ACME', name: 'one' });
  await eventually(() => plane.deliveries().map(({ status }) => status)).toEqual([null]);
});

test('a webhook tells of what it was made for, and its URL is taken once', async () => {
  const { plane, received, hook } = await setUp();
  plane.removeWebhook(hook.id);
  plane.webhook({ url: hook.url, issue: false });
  expect(() => plane.webhook({ url: hook.url })).toThrow(/URL already exists for the workspace/);
  expect(() => plane.setWebhookActive('nobody', true)).toThrow(/there is no webhook nobody/);
  const { key } = plane.createItem({ project: 'ACME', name: 'one' });
  plane.comment(key, { html: 'x' });
  await eventually(() => received.map(({ body }) => body.event)).toEqual(['issue_comment']);
});

test('webhooks come with the seed and from variables, and over HTTP', async () => {
  const options = readConfig({
    EMULATOR_WEBHOOK_URLS: 'http://127.0.0.1:9/a, http://127.0.0.1:9/b',
    EMULATOR_WEBHOOK_SECRET: SECRET,
    EMULATOR_WEBHOOK_EVENTS: 'issue_comment',
  });
  const plane = await createPlaneEmulator(options);
  open.push(plane);
  expect(plane.webhooks()).toMatchObject([
    { url: 'http://127.0.0.1:9/a', secret: SECRET, issue: false, issue_comment: true },
    { url: 'http://127.0.0.1:9/b' },
  ]);
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${plane.url}/__control/webhooks${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return [answer.status, await answer.json()];
  };
  expect(await ask('POST', '', { url: 'http://127.0.0.1:9/a' })).toMatchObject([
    400,
    { error: expect.stringContaining('already exists') },
  ]);
  expect(await ask('POST', '/faults', { kind: 'nonsense' })).toMatchObject([400, {}]);
  expect(await ask('POST', '/faults', { kind: 'drop', times: 'always', probability: 0.5 })).toMatchObject([200, {}]);
  expect(await ask('GET', '/faults')).toMatchObject([200, { faults: [{ left: 'always', fault: { kind: 'drop' } }] }]);
  expect(await ask('DELETE', '/faults')).toEqual([200, { ok: true }]);
  expect(await ask('PATCH', '/nobody', { active: true })).toMatchObject([
    400,
    { error: expect.stringContaining('no webhook nobody') },
  ]);
});
