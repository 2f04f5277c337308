import { createPlaneClient, type PlaneBudget, type PlaneClientOptions, unlimitedBudget } from '@pco/shared/plane';
import { expect, test } from 'vitest';
import { createPlaneEmulator, type Settings } from './index.ts';

/** The client when Plane is slow, broken or throttling. */
async function fixture(options: Partial<PlaneClientOptions> = {}, settings: Partial<Settings> = {}) {
  const plane = await createPlaneEmulator({ settings: { bumpDelayMs: 0, ...settings } });
  const project = plane.createProject({ identifier: 'ACME', name: 'Acme' });
  const item = plane.createItem({ project: 'ACME', name: 'first' });
  const calls: string[] = [];
  const client = createPlaneClient({
    apiUrl: plane.apiUrl,
    token: plane.apiKey,
    workspaceSlug: plane.slug,
    pathSegment: 'auto',
    budget: unlimitedBudget,
    onCall: (operation, status) => calls.push(`${operation} ${status}`),
    onRetry: (operation) => calls.push(`${operation} again`),
    ...options,
  });
  return {
    ...{ plane, client, project, item, calls },
    comment: (signal?: AbortSignal) =>
      client.createComment(project.id, item.id, { html: '<p>x</p>', externalSource: 's', externalId: '1' }, { signal }),
    stored: () => plane.item('ACME-1').comments.length,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await plane[Symbol.asyncDispose]();
    },
  };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fulfilled',
    (err: { code?: unknown; name: string }) => (typeof err.code === 'string' ? err.code : err.name),
  );

test('a read is repeated twice over cut connections and server errors', async () => {
  await using f = await fixture();
  f.plane.fault({ kind: 'drop', pathPattern: '/users/me/' });
  f.plane.fault({ kind: 'status', status: 502, pathPattern: '/users/me/' });
  expect((await f.client.me()).displayName).toBe('orchestrator-bot');
  expect(f.calls).toEqual(['me error', 'me again', 'me 502', 'me again', 'me 200']);
});

test('an answer that is cut off, or that never comes, is no answer; an old one is taken for what it is', async () => {
  await using f = await fixture({ timeoutMs: 1_500 });
  const read = () => f.client.workItem(f.project.id, f.item.id);
  f.plane.fault({ kind: 'truncated', pathPattern: '/work-items/' });
  expect(await codeOf(read())).toBe('PLANE_BAD_ANSWER');
  f.plane.fault({ kind: 'hang', pathPattern: '/work-items/' });
  await expect(read()).rejects.toMatchObject({ code: 'PLANE_UNREACHABLE', details: { timedOut: true } });
  expect((await read()).name).toBe('first');
  f.plane.editItem('ACME-1', { name: 'second' });
  f.plane.fault({ kind: 'stale', pathPattern: '/work-items/' });
  expect((await read()).name).toBe('first');
  expect((await read()).name).toBe('second');
});

test('a fault can strike again and again, and only sometimes', async () => {
  await using f = await fixture();
  f.plane.fault({ kind: 'status', status: 400, times: 'always', probability: 0.5, pathPattern: '/users/me/' });
  const answers = await Promise.all(Array.from({ length: 60 }, () => codeOf(f.client.me())));
  expect(new Set(answers)).toEqual(new Set(['fulfilled', 'PLANE_REFUSED']));
});

test('times tie when they are given in coarse steps', async () => {
  await using f = await fixture({}, { clockStepUs: 60_000_000 });
  f.plane.createItem({ project: 'ACME', name: 'second' });
  f.plane.createItem({ project: 'ACME', name: 'third' });
  const { rows } = await f.client.listWorkItems(f.project.id, { perPage: 10 });
  expect(new Set(rows.map(({ updatedUs }) => updatedUs)).size).toBeLessThanOrEqual(2);
});

test('the busiest window of a key is known exactly', async () => {
  await using f = await fixture();
  expect(f.plane.busiestWindow(1_000)).toBe(0);
  await Promise.all(Array.from({ length: 5 }, () => f.client.me()));
  expect(f.plane.busiestWindow(60_000)).toBe(5);
  f.plane.clearRequests();
  expect(f.plane.busiestWindow(60_000)).toBe(0);
});

test('after the second repetition a read gives up', async () => {
  await using f = await fixture();
  f.plane.fault({ kind: 'status', status: 500, times: 9 });
  expect(await codeOf(f.client.me())).toBe('PLANE_SERVER_ERROR');
  expect(f.plane.countRequests()).toBe(3);
});

test('a write is sent once, and says that it may have been executed', async () => {
  await using f = await fixture();
  f.plane.fault({ kind: 'drop', when: 'after' });
  await expect(f.comment()).rejects.toMatchObject({ code: 'PLANE_UNREACHABLE', details: { lostAnswer: true } });
  expect([f.stored(), f.plane.countRequests()]).toEqual([1, 1]);
  expect(await f.comment()).toMatchObject({ outcome: 'conflict' });
});

test('a 500 after the commit is a server error, and the repetition a conflict', async () => {
  await using f = await fixture();
  f.plane.fault({ kind: 'error-after-commit', method: 'POST' });
  expect(await codeOf(f.comment())).toBe('PLANE_SERVER_ERROR');
  expect([await f.comment(), f.stored()]).toMatchObject([{ outcome: 'conflict' }, 1]);
});

test('two requests that race make two comments', async () => {
  await using f = await fixture();
  f.plane.fault({ kind: 'duplicate', method: 'POST', times: 2 });
  expect([await f.comment(), await f.comment(), f.stored()]).toMatchObject([
    { outcome: 'created' },
    { outcome: 'created' },
    2,
  ]);
});

test('nothing was sent when nobody listens', async () => {
  await using f = await fixture();
  await f.plane[Symbol.asyncDispose]();
  await expect(f.comment()).rejects.toMatchObject({ code: 'PLANE_UNREACHABLE', details: { lostAnswer: false } });
});

test('a time limit ends a request whose answer is kept back, and a read is not repeated then', async () => {
  await using f = await fixture({ timeoutMs: 1_500 });
  const hold = f.plane.hold({ when: 'after', times: 2 });
  await expect(f.comment()).rejects.toMatchObject({ details: { lostAnswer: true, timedOut: true } });
  expect([f.stored(), f.plane.release(hold)]).toEqual([1, 1]);
  expect(await codeOf(f.client.me())).toBe('PLANE_UNREACHABLE');
  expect(f.plane.countRequests({ pathPattern: '/users/me/' })).toBe(1);
});

test('a held request whose client gave up is never executed', async () => {
  await using f = await fixture();
  const hold = f.plane.hold({ when: 'before', method: 'POST', pathPattern: '/comments/' });
  const giveUp = new AbortController();
  const post = codeOf(f.comment(giveUp.signal));
  const held = await f.plane.waitHeld(hold);
  giveUp.abort();
  expect(await post).toBe('AbortError');
  await expect.poll(() => held?.aborted).toBe(true);
  f.plane.release(hold);
  expect(await f.comment()).toMatchObject({ outcome: 'created' });
  expect(f.stored()).toBe(1);
});

test('a server that gets to a request late can be had by asking for it', async () => {
  await using f = await fixture({ timeoutMs: 1_500 });
  const hold = f.plane.hold({ when: 'before', method: 'POST' });
  expect(await codeOf(f.comment())).toBe('PLANE_UNREACHABLE');
  expect(f.stored()).toBe(0);
  f.plane.release(hold, { execute: true });
  await expect.poll(f.stored).toBe(1);
});

test.each([
  [{ outcome: 'answer' }, 'fulfilled', 1],
  [{ outcome: 'drop' }, 'PLANE_UNREACHABLE', 0],
  [{ outcome: 503 }, 'PLANE_SERVER_ERROR', 0],
  [{ outcome: 503, execute: true }, 'PLANE_SERVER_ERROR', 1],
] as const)('a request held before its execution and released with %j is %s', async (release, code, stored) => {
  await using f = await fixture();
  const hold = f.plane.hold({ when: 'before', method: 'POST' });
  const post = codeOf(f.comment());
  await f.plane.waitHeld(hold);
  f.plane.release(hold, release);
  expect([await post, f.stored()]).toEqual([code, stored]);
});

test('a 429 blocks the budget for as long as Plane says and a second', async () => {
  const blocked: number[] = [];
  const budget: PlaneBudget = { take: async () => {}, blockFor: async (ms) => void blocked.push(ms) };
  await using f = await fixture({ budget });
  f.plane.fault({ kind: 'rate-limit', retryAfterSeconds: 7 });
  await expect(f.client.me()).rejects.toMatchObject({ code: 'PLANE_RATE_LIMITED', details: { retryAfterMs: 8_000 } });
  expect([blocked, f.calls]).toEqual([[8_000], ['me 429']]);
});

test('the window of the throttle counts what was allowed, and refusals of the key do not', async () => {
  await using f = await fixture({}, { rateLimit: { limit: 2, windowMs: 60_000 } });
  const me = (key: string) => fetch(`${f.plane.apiUrl}/users/me/`, { headers: { 'x-api-key': key } });
  expect((await me('wrong')).status).toBe(403);
  expect((await me(f.plane.apiKey)).headers.get('x-ratelimit-remaining')).toBe('1');
  expect((await me(f.plane.apiKey)).headers.get('x-ratelimit-remaining')).toBe('0');
  const refused = await me(f.plane.apiKey);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  expect(await refused.json()).toEqual({ error_code: 5900, error_message: 'RATE_LIMIT_EXCEEDED' });
});

test('every request takes from the share of its kind, repetitions too', async () => {
  const taken: string[] = [];
  await using f = await fixture({ budget: { ...unlimitedBudget, take: async (kind) => void taken.push(kind) } });
  f.plane.fault({ kind: 'status', status: 500 });
  await f.client.listWorkItems(f.project.id, { perPage: 10 });
  await f.client.workItem(f.project.id, f.item.id);
  await f.comment();
  expect(taken).toEqual(['poll', 'poll', 'lookup', 'write']);
});

test('an answer that is not JSON, or not what it should be, is not understood', async () => {
  await using f = await fixture();
  f.plane.fault({ kind: 'not-json' });
  expect(await codeOf(f.client.me())).toBe('PLANE_BAD_ANSWER');
  f.plane.fault({ kind: 'status', status: 200, body: { id: 5 } });
  await expect(f.client.me()).rejects.toMatchObject({ message: expect.stringContaining('id') });
  f.plane.fault({ kind: 'not-json', status: 404 });
  expect(await codeOf(f.client.workItem(f.project.id, f.item.id))).toBe('PLANE_BAD_ANSWER');
});

test('a server that knows issues only is found out once', async () => {
  await using f = await fixture({}, { onlyIssuesPaths: true });
  await f.client.me();
  await f.client.listWorkItems(f.project.id, { perPage: 10 });
  await f.comment();
  const paths = f.plane
    .requests({ pathPattern: '/projects/' })
    .map(({ path }) => (path.includes('/work-items/') ? 'work-items' : 'issues'));
  expect(paths).toEqual(['work-items', 'issues', 'issues']);
});

test('times in another zone are the same moments', async () => {
  await using f = await fixture();
  const [before] = (await f.client.listWorkItems(f.project.id, { perPage: 1 })).rows;
  f.plane.settings({ timezoneOffsetMinutes: 330 });
  const [after] = (await f.client.listWorkItems(f.project.id, { perPage: 1 })).rows;
  expect(after).toEqual(before);
});

test('a redirect is an error that names the setting', async () => {
  await using f = await fixture();
  f.plane.fault({ kind: 'status', status: 301 });
  await expect(f.client.me()).rejects.toMatchObject({
    code: 'PLANE_REFUSED',
    message: expect.stringContaining('plane.api_url'),
  });
});

test('a revoked key and a lost membership are told apart, and no error shows the token', async () => {
  await using f = await fixture();
  f.plane.setRole('ACME', null);
  const lost = await f.comment().catch((err: unknown) => err);
  f.plane.setKeyActive(false);
  const revoked = await f.comment().catch((err: unknown) => err);
  expect([lost, revoked]).toMatchObject([
    { code: 'PLANE_UNAUTHORIZED', message: expect.stringContaining('role Member') },
    { code: 'PLANE_UNAUTHORIZED', message: expect.stringContaining('revoked') },
  ]);
  expect(JSON.stringify([lost, revoked, String(revoked)])).not.toContain(f.plane.apiKey);
});

test('an id that would lead to another path is refused before it is sent', async () => {
  await using f = await fixture();
  for (const id of ['..', '.', '']) expect(await codeOf(f.client.workItem(f.project.id, id))).toBe('PLANE_REFUSED');
  expect(f.plane.countRequests()).toBe(0);
  await codeOf(f.client.workItem(f.project.id, '../../x?y'));
  expect(f.plane.requests()[0]?.path).toContain('/..%2F..%2Fx%3Fy/');
});
