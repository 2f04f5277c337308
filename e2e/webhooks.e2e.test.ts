import { createHmac } from 'node:crypto';
import { createPlaneEmulator } from '@pco/plane-emulator';
import { openCore } from '@pco/shared/engine';
import { eventually, redisFixture, redisUrl, silentLog, testConfig, wrapCore } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { startApi } from '../apps/api/src/service.ts';
import { startPoller } from '../apps/poller/src/service.ts';

const SECRET = 'plane_wh_0123456789abcdef0123456789abcdef';

interface Change {
  readonly event: 'issue' | 'issue_comment';
  readonly action: string;
  readonly data: object;
}

/** An api and a poller over an emulated Plane; polls happen only when a test asks for one. */
async function product() {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await redisFixture());
  const emulator = stack.use(await createPlaneEmulator({ settings: { bumpDelayMs: 20 } }));
  const { id: projectId } = emulator.createProject({ identifier: 'ACME' });
  const config = {
    ...testConfig({
      plane: {
        ...{ api_url: emulator.apiUrl, api_token: emulator.apiKey, workspace_slug: emulator.slug },
        ...{ project_ids: [projectId], poll_interval: 3_600, poll_interval_relaxed: 7_200 },
        ...{ requests_per_minute: 100_000, path_segment: 'work-items' },
      },
      webhooks: { secrets: [SECRET] },
    }),
    redis: { url: await redisUrl(), prefix: redis.prefix },
  };
  const api = stack.use(await startApi(config, silentLog));
  stack.use(await startPoller(config, silentLog));
  const core = wrapCore(stack.use(await openCore(config, silentLog, 'wait')));
  const { client, keys } = core.redis;
  const isReady = async () => (await client.exists(keys.cursor(projectId), keys.projects)) === 2;
  await eventually(isReady).toBe(true);
  const reads = core.queues.get('plane-read');
  let [changes, polls] = [0, 0];
  const opened = stack.move();
  return {
    core,
    emulator,
    projectId,
    apiUrl: api.url,
    /** The bytes of a delivery, as Plane serialises them: what changed last, with a time of its own. */
    delivery({ event, action, data }: Change): Buffer {
      changes += 1;
      const all = { ...data, project: projectId, updated_at: `2026-11-20T17:53:21.${100_000 + changes}Z` };
      const activity = { field: null, actor: { id: emulator.humanId } };
      return Buffer.from(
        JSON.stringify({ event, action, webhook_id: 'w', data: all, activity }).replaceAll('":', '": '),
      );
    },
    async deliver(body: Buffer, secret = SECRET): Promise<{ status: number; json: unknown }> {
      const headers = {
        'content-type': 'application/json',
        'x-plane-delivery': crypto.randomUUID(),
        'x-plane-signature': createHmac('sha256', secret).update(body).digest('hex'),
      };
      const answer = await fetch(`${api.url}/webhooks/plane`, { method: 'POST', headers, body: new Uint8Array(body) });
      return { status: answer.status, json: await answer.json() };
    },
    async poll(): Promise<void> {
      polls += 1;
      const jobId = `poll-${polls}-now`;
      await core.queues.add('plane-read', 'poll', { projectId }, { jobId });
      await eventually(async () => (await core.queues.state('plane-read', jobId)).state).toBe('completed');
    },
    /** No look is under way or to come. */
    settle: async () => {
      const looks = async () =>
        (await reads.getJobs(['active', 'waiting', 'delayed'])).filter((job) => job?.name === 'look').length;
      await eventually(looks).toBe(0);
    },
    lists: () => emulator.countRequests({ pathPattern: '/work-items/\\?' }),
    status: async (key: string) => (await core.store.load(key)).ticket?.status ?? null,
    triggers: async (key: string) =>
      (await client.xrange(keys.log(key), '-', '+')).filter(([, fields]) => fields.join().includes('trigger.seen'))
        .length,
    health: async () => (await fetch(`${api.url}/health`)).json(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type Product = Awaited<ReturnType<typeof product>>;

const created = (id: string): Change => ({ event: 'issue', action: 'created', data: { id } });
const updated = (id: string): Change => ({ event: 'issue', action: 'updated', data: { id } });
const commented = (id: string): Change => ({
  event: 'issue_comment',
  action: 'created',
  data: { id: crypto.randomUUID(), issue: id },
});

test('a delivery makes a pending ticket without a poll, and the ticket goes promptly when its work item does', async () => {
  await using p = await product();
  const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'Login fails', state: 'Todo' });
  const lists = p.lists();
  expect(await p.deliver(p.delivery(created(id)))).toEqual({ status: 200, json: { status: 'queued' } });
  await eventually(() => p.status(key)).toBe('pending');
  p.emulator.deleteItem(id);
  await p.deliver(p.delivery(updated(id)));
  await eventually(() => p.status(key)).toBe('cancelled');
  expect(p.lists()).toBe(lists);
});

test('duplicated, reordered and partly dropped deliveries make one trigger of each work item', async () => {
  await using p = await product();
  const items = Array.from({ length: 12 }, (_, i) =>
    p.emulator.createItem({ project: 'ACME', name: `item ${i}`, state: 'Todo' }),
  );
  const bodies = items.flatMap(({ id }, i) =>
    i % 4 === 0 ? [] : [updated(id), created(id), updated(id)].map((change) => p.delivery(change)),
  );
  const sent = [...bodies, ...bodies.toReversed(), ...bodies];
  const [answers] = await Promise.all([Promise.all(sent.map((body) => p.deliver(body))), p.poll()]);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  await p.settle();
  await p.poll();
  for (const { key } of items) {
    expect(await p.status(key), key).toBe('pending');
    expect(await p.triggers(key), key).toBe(1);
  }
});

test('a comment that is told of before, with and after its poll triggers once', async () => {
  await using p = await product();
  const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'Ask again', state: 'Backlog' });
  await p.poll();
  expect(await p.status(key)).toBeNull();
  p.emulator.comment(id, { html: '<p>Please look</p>' });
  const body = p.delivery(commented(id));
  await Promise.all([p.deliver(body), p.poll(), p.deliver(p.delivery(updated(id)))]);
  await p.deliver(body);
  await eventually(() => p.status(key)).toBe('pending');
  await p.settle();
  await p.poll();
  expect(await p.triggers(key)).toBe(1);
});

test('forged deliveries and replayed ones ask nothing of Plane', async () => {
  await using p = await product();
  const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'Login fails', state: 'Todo' });
  const body = p.delivery(created(id));
  const before = p.emulator.countRequests();
  expect((await p.deliver(body, 'plane_wh_of_somebody_else')).status).toBe(401);
  await p.settle();
  expect(p.emulator.countRequests()).toBe(before);
  await p.deliver(body);
  await eventually(() => p.status(key)).toBe('pending');
  await p.settle();
  const after = p.emulator.countRequests();
  for (let i = 0; i < 5; i += 1) expect((await p.deliver(body)).json).toEqual({ status: 'duplicate' });
  await p.settle();
  expect(p.emulator.countRequests()).toBe(after);
});

test('webhooks that Plane has switched off are noticed by what polls find, shown, and heal by themselves', async () => {
  await using p = await product();
  const { client, keys } = p.core.redis;
  const first = p.emulator.createItem({ project: 'ACME', name: 'told', state: 'Todo' });
  await p.deliver(p.delivery(created(first.id)));
  await eventually(() => p.status(first.key)).toBe('pending');
  expect(await p.health()).toMatchObject({ webhooks: { status: 'healthy' } });
  for (const count of [1, 2, 3]) {
    const { key } = p.emulator.createItem({ project: 'ACME', name: `untold ${count}`, state: 'Todo' });
    await p.poll();
    await eventually(() => p.status(key)).toBe('pending');
    for (const item of await client.zrange(keys.webhooksOwed, '0', '-1'))
      await client.zincrby(keys.webhooksOwed, -11_000, item); // the grace is over
    await p.poll();
  }
  expect(await p.health()).toMatchObject({
    status: 'degraded',
    webhooks: { status: 'unhealthy', error: expect.stringMatching(/stopped.*Workspace settings > Webhooks/) },
  });
  const last = p.emulator.createItem({ project: 'ACME', name: 'told again', state: 'Todo' });
  await p.deliver(p.delivery(created(last.id)));
  expect(await p.health()).toMatchObject({ webhooks: { status: 'healthy', error: null } });
});

/** As a workspace admin sets it up, with what Plane itself sends. */
const subscribe = ({ emulator, apiUrl }: Product) =>
  emulator.webhook({ url: `${apiUrl}/webhooks/plane`, secret: SECRET });

test('with the webhooks of Plane itself a new work item, its edits and its end are known without a poll', async () => {
  await using p = await product();
  subscribe(p);
  const lists = p.lists();
  const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'Login fails', state: 'Todo' });
  await eventually(() => p.status(key)).toBe('pending');
  p.emulator.editItem(id, { name: 'Login fails on Mondays', priority: 'urgent' });
  await eventually(async () => (await p.core.ticket(key)).workItem.title).toBe('Login fails on Mondays');
  await p.core.change({ type: 'person.approved', by: 'ada', ticketId: key });
  p.emulator.editItem(id, { state: 'Done' });
  await eventually(() => p.status(key)).toBe('cancelled');
  expect(p.lists()).toBe(lists);
  expect(p.emulator.deliveries().map(({ status }) => status)).not.toContain(null);
});

test.each([
  ['every delivery is dropped', { webhookDropRate: 1 }],
  ['half are dropped', { webhookDropRate: 0.5, webhookJitterMs: 200 }],
  ['all are sent twice and overtake each other', { webhookDuplicateRate: 1, webhookJitterMs: 300 }],
])('whatever happens to deliveries each work item triggers once: %s', async (_what, settings) => {
  await using p = await product();
  p.emulator.settings(settings);
  subscribe(p);
  const items = Array.from({ length: 10 }, (_, i) =>
    p.emulator.createItem({ project: 'ACME', name: `item ${i}`, state: 'Todo' }),
  );
  for (const { id } of items) p.emulator.editItem(id, { priority: 'high' });
  await p.poll();
  for (const { id } of items) p.emulator.editItem(id, { name: 'renamed' });
  await p.poll();
  await eventually(async () => {
    await p.poll();
    return (await Promise.all(items.map(({ key }) => p.core.ticket(key)))).every(
      ({ workItem }) => workItem.title === 'renamed',
    );
  }).toBe(true);
  await p.settle();
  for (const { key } of items) expect(await p.triggers(key), key).toBe(1);
});
