import { createPlaneEmulator } from '@pco/plane-emulator';
import { createAuditStore } from '@pco/shared/redis';
import { trigger } from '@pco/shared/testing';
import { DAY_MS } from '@pco/shared/time';
import { expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './testing/api-fixture.ts';

const PREVIEW = '/api/tickets/ACME-1/preview';

/** An api in front of an emulated Plane. */
async function besidePlane(automation: Record<string, string> = {}) {
  await using stack = new AsyncDisposableStack();
  const emulator = stack.use(await createPlaneEmulator());
  const project = emulator.createProject({ identifier: 'ACME' });
  const { apiUrl: api_url, apiKey: api_token, slug: workspace_slug } = emulator;
  const plane = { api_url, api_token, workspace_slug, path_segment: 'work-items' as const };
  const api = stack.use(
    await apiFixture({}, undefined, { plane, automation: { repo_path: '/nowhere', signal_dir: '', ...automation } }),
  );
  const stateId = project.states.find(({ name }) => name === 'Todo')?.id ?? null;
  const opened = stack.move();
  return {
    api,
    emulator,
    project,
    item: { projectId: project.id, stateId },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Brings ACME-1, of that work item, to its summary; nobody has looked at its work yet. */
async function complete({ core, bring }: ApiFixture, item: object): Promise<void> {
  await bring('ACME-1', 'completed');
  const { workItem } = await core.ticket('ACME-1');
  const told = trigger({ workItem: { ...workItem, ...item } });
  await core.change({ ...told, ticketId: 'ACME-1' });
}

test('the preview is the comment, the link and the state that an update would write', async () => {
  await using f = await besidePlane({ branch_url: 'https://git.example.com/tree/{branch}' });
  await complete(f.api, f.item);
  expect((await f.api.get(PREVIEW)).json).toMatchObject({
    comment_html: expect.stringContaining('<p>Fixed it</p>'),
    incomplete: expect.stringContaining('being looked at'),
    link: null,
  });
  const result = { commits: 2, unpushed: 0, durationMs: 120_000 };
  const { core } = f.api;
  const effectId = await core.openId('completion.collect', 'ACME-1');
  await core.change({ type: 'effect.done', ticketId: 'ACME-1', effectId, result });
  const url = 'https://git.example.com/tree/pco/ACME-1';
  expect((await f.api.get(PREVIEW)).json).toEqual({
    ticket_id: 'ACME-1',
    comment_html:
      `<p>Fixed it</p><p>Duration: 2 min · Branch: <a href="${url}">pco/ACME-1</a> · Commits: 2</p>` +
      '<p>🤖 This work was done with Claude Code assistance.</p>',
    comment_text:
      `Fixed it\n\nDuration: 2 min · Branch: [pco/ACME-1](${url}) · Commits: 2\n\n` +
      '🤖 This work was done with Claude Code assistance.',
    incomplete: null,
    link: { url, title: 'Branch pco/ACME-1' },
    state: { action: 'set', name: 'In Progress', from: 'Todo', why: null },
  });
});

test('an edited summary is shown as it would be written; nothing is kept of it, and typing is no change', async () => {
  await using f = await besidePlane();
  await complete(f.api, f.item);
  const before = await f.api.core.ticket('ACME-1');
  for (const summary of ['F', 'Fi', '<b>Fixed</b>\u0007\n- one'])
    expect((await f.api.post(PREVIEW, { summary })).status).toBe(200);
  const { json } = await f.api.post(PREVIEW, { summary: ' <b>Fixed</b>\u0007\n- one ' });
  expect(json).toMatchObject({
    comment_html: expect.stringMatching(/^<p>&lt;b&gt;Fixed&lt;\/b&gt;<\/p><ul><li>one<\/li><\/ul>/),
  });
  expect(await f.api.core.ticket('ACME-1')).toEqual(before);
  expect(await createAuditStore(f.api.core.redis, DAY_MS).page(10)).toEqual([]);
  expect(f.emulator.countRequests({ pathPattern: '/states/' })).toBe(1);
  expect((await f.api.post(PREVIEW, { summary: ' \u0007 ' })).status).toBe(422);
});

test('a state that cannot be known is said to be unknown, with the reason, and the comment is there all the same', async () => {
  await using api = await apiFixture(); // in front of a Plane that nobody runs
  await api.bring('ACME-1', 'completed');
  expect((await api.get(PREVIEW)).json).toMatchObject({
    comment_html: expect.stringContaining('<p>Fixed it</p>'),
    state: { action: 'unknown', name: null, why: expect.stringContaining('Plane did not answer') },
  });
});

test('a work item that is where finished ones go stays there', async () => {
  await using f = await besidePlane();
  const stateId = f.project.states.find(({ name }) => name === 'In Progress')?.id ?? null;
  await complete(f.api, { ...f.item, stateId });
  expect((await f.api.get(PREVIEW)).json).toMatchObject({ state: { action: 'stays', name: 'In Progress' } });
});

test('without a summary there is nothing to show but for one that is given', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'active');
  expect(await api.get(PREVIEW)).toMatchObject({ status: 404, json: { code: 'TICKET_NOT_FOUND' } });
  expect((await api.post(PREVIEW, { summary: 'Soon' })).status).toBe(200);
  expect((await api.get('/api/tickets/ACME-9/preview')).status).toBe(404);
});

test('the diff of a ticket says why there is none: no session yet, or a runner that does not answer', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'pending');
  expect(await api.get('/api/tickets/ACME-1/diff')).toMatchObject({ status: 404, json: { code: 'SESSION_NOT_FOUND' } });
  await api.bring('ACME-2', 'completed');
  expect(await api.get('/api/tickets/ACME-2/diff')).toMatchObject({
    status: 503,
    json: { code: 'RUNNER_UNREACHABLE' },
  });
  expect(await api.get('/api/tickets/ACME-3/diff')).toMatchObject({ status: 404, json: { code: 'TICKET_NOT_FOUND' } });
});

test('a ticket leads to its work item in Plane, one that was made by hand leads nowhere', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'pending');
  const url = 'http://127.0.0.1:9/acme/browse/ACME-1/';
  expect((await api.get('/api/tickets/ACME-1')).json).toMatchObject({ plane_url: url });
  expect((await api.get('/api/pending-tickets')).json).toMatchObject([{ plane_url: url }]);
  const made = { id: 'TEST-1', uuid: crypto.randomUUID(), project_id: 'x', title: 'Try it', description: null };
  await api.post('/api/test/add-ticket', { ...made, created_at: '2026-01-01T00:00:00Z' });
  expect((await api.get('/api/tickets/TEST-1')).json).toMatchObject({ plane_url: null });
});
