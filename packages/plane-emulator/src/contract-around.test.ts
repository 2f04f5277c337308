import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { TARGETS, type Target, TIMEOUTS } from './testing/contract-target.ts';

// The contract battery, continued: comments, links, states, labels, and what is refused before any of them.
vi.setConfig(TIMEOUTS);

const COMMENT_KEYS =
  'id created_at updated_at deleted_at comment_html attachments access external_source external_id edited_at ' +
  'created_by updated_by project workspace description issue actor parent';
const STATE_KEYS =
  'id created_at updated_at deleted_at name description color slug sequence group is_triage default external_source ' +
  'external_id created_by updated_by project workspace';
const sorted = (keys: string) => keys.split(' ').sort();
const keysOf = (row: object | undefined) => Object.keys(row ?? {}).sort();

describe.each(TARGETS)('$name', ({ open }) => {
  let target: Target;
  beforeAll(async () => {
    target = await open();
  });
  afterAll(() => target[Symbol.asyncDispose]());

  const raw: Target['raw'] = (...args) => target.raw(...args);
  const at = (path: string) => `${target.projectPath}/${path}`;
  const rows = async (path: string) => (await raw('GET', path)).body.results as Record<string, unknown>[];
  const comments = async () => at(`work-items/${await target.newItem()}/comments/`);

  test('a comment has exactly these keys, and one more when it is read', async () => {
    const path = await comments();
    expect(keysOf((await raw('POST', path, { comment_html: 'x' })).body)).toEqual(sorted(COMMENT_KEYS));
    expect(keysOf((await rows(path))[0])).toEqual(sorted(`${COMMENT_KEYS} is_member`));
  });

  test('nothing is required of a comment, but null is no text', async () => {
    const path = await comments();
    expect(await raw('POST', path, {})).toMatchObject({ status: 201, body: { comment_html: '<p></p>' } });
    expect(await raw('POST', path, { comment_html: '' })).toMatchObject({ status: 201, body: { comment_html: '' } });
    expect(await raw('POST', path, { comment_html: null })).toMatchObject({
      status: 400,
      body: { comment_html: ['This field may not be null.'] },
    });
    expect((await raw('POST', path, { comment_html: 'x', access: 'SECRET' })).status).toBe(400);
  });

  test('a taken external id is told before the body is looked at', async () => {
    const path = await comments();
    const pair = { external_source: 'contract', external_id: crypto.randomUUID() };
    const { id } = (await raw('POST', path, { comment_html: 'x', ...pair })).body;
    expect(await raw('POST', path, { comment_html: null, ...pair })).toMatchObject({
      status: 409,
      body: { id, error: 'Work item comment with the same external id and external source already exists' },
    });
    const half = { comment_html: 'x', external_id: crypto.randomUUID() };
    expect([(await raw('POST', path, half)).status, (await raw('POST', path, half)).status]).toEqual([201, 201]);
  });

  test('comments come newest first whatever is asked for, and a back-dated one at its place', async () => {
    const path = await comments();
    const old = (await raw('POST', path, { comment_html: 'old', created_at: '2020-01-02T03:04:05Z' })).body.id;
    const young = (await raw('POST', path, { comment_html: 'young' })).body.id;
    const later = (await raw('POST', path, { comment_html: 'later', created_at: '2019-01-02T03:04:05Z' })).body.id;
    const listed = await rows(`${path}?order_by=created_at&external_id=none`);
    expect(listed.map((row) => row.id)).toEqual([young, old, later]);
    expect((await rows(`${path}?per_page=1&cursor=1:1:0&fields=id`))[0]).toEqual({ id: old });
  });

  test('the actor is the user of the key, whatever the body says', async () => {
    const me = (await raw('GET', '/users/me/')).body.id;
    const path = await comments();
    await raw('POST', path, { comment_html: 'x', actor: crypto.randomUUID() });
    expect((await rows(path))[0]).toMatchObject({ actor: me, is_member: true });
  });

  test('an edit of a comment answers the whole of it and does not call it edited', async () => {
    const path = await comments();
    const { id } = (await raw('POST', path, { comment_html: 'x' })).body;
    expect(await raw('PATCH', `${path}${id}/`, { comment_html: 'y' })).toMatchObject({
      status: 200,
      body: { id, comment_html: 'y', edited_at: null },
    });
    expect((await raw('DELETE', `${path}${id}/`)).status).toBe(204);
    expect((await raw('GET', `${path}${id}/`)).status).toBe(404);
    expect(await rows(path)).toEqual([]);
  });

  test('an item that nobody knows has no comments rather than none such', async () => {
    const path = at(`work-items/${crypto.randomUUID()}/comments/`);
    expect(await raw('GET', path)).toMatchObject({ status: 200, body: { total_count: 0, results: [] } });
    expect(await raw('POST', path, { comment_html: 'x' })).toMatchObject({
      status: 400,
      body: { error: 'The payload is not valid' },
    });
  });

  test('a link is refused the second time, and when it is none', async () => {
    const path = at(`work-items/${await target.newItem()}/links/`);
    const url = 'https://example.org/pull/1';
    const { status, body } = await raw('POST', path, { url, title: 'pull request' });
    expect([status, body.url]).toEqual([201, url]);
    const again = { status: 400, body: { error: 'URL already exists for this Issue' } };
    expect(await raw('POST', path, { url })).toMatchObject(again);
    expect(await raw('POST', path, { url: 'nowhere' })).toMatchObject({
      status: 400,
      body: { url: ['Invalid URL format.'] },
    });
    expect((await raw('DELETE', `${path}${body.id}/`)).status).toBe(204);
    expect((await raw('POST', path, { url })).status).toBe(201);
  });

  test('states have these keys, keep their names unique, and the default and the used ones stay', async () => {
    const path = at('states/');
    const made = (await raw('POST', path, { name: crypto.randomUUID(), color: '#fff', group: 'started' })).body;
    target.remember(`${path}${made.id}/`);
    expect(keysOf(made)).toEqual(sorted(STATE_KEYS));
    expect(await raw('POST', path, { name: made.name, color: '#fff' })).toMatchObject({
      status: 409,
      body: { error: 'State with the same name already exists in the project', id: made.id },
    });
    expect(await raw('POST', path, { name: 'x', color: '#fff', group: 'triage' })).toMatchObject({
      status: 400,
      body: { non_field_errors: ['Cannot create triage state'] },
    });
    expect(await raw('POST', path, {})).toMatchObject({ status: 400, body: { name: ['This field is required.'] } });
    const standard = (await rows(path)).find((state) => state.default);
    expect(await raw('DELETE', `${path}${standard?.id}/`)).toMatchObject({
      status: 400,
      body: { error: 'Default state cannot be deleted' },
    });
    await target.newItem({ state: made.id });
    expect(await raw('DELETE', `${path}${made.id}/`)).toMatchObject({
      status: 400,
      body: { error: 'The state is not empty, only empty states can be deleted' },
    });
  });

  test('a label that goes leaves its items', async () => {
    const path = at('labels/');
    const label = (await raw('POST', path, { name: crypto.randomUUID() })).body;
    target.remember(`${path}${label.id}/`);
    expect((await raw('POST', path, { name: label.name })).body).toEqual({
      error: 'Label with the same name already exists in the project',
      id: label.id,
    });
    const item = at(`work-items/${await target.newItem({ labels: [label.id] })}/`);
    const { body } = await raw('GET', `${item}?fields=labels&expand=labels`);
    expect(body.labels).toMatchObject([{ id: label.id, name: label.name }]);
    expect((await raw('DELETE', `${path}${label.id}/`)).status).toBe(204);
    expect((await raw('GET', item)).body.labels).toEqual([]);
  });

  test('users and members are plain rows without a page around them', async () => {
    const me = (await raw('GET', '/users/me/')).body;
    expect(keysOf(me)).toEqual(sorted('id first_name last_name email avatar avatar_url display_name'));
    const members = (await raw('GET', at('members/'))).body;
    expect(members).toContainEqual(expect.objectContaining({ id: me.id }));
  });

  test('what is not understood is refused in its own way', async () => {
    const path = at('work-items/');
    expect(await raw('POST', path, undefined, { text: '{"name":' })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('JSON parse error') },
    });
    const xml = { headers: { 'content-type': 'text/xml' }, text: '<a/>' };
    expect(await raw('POST', path, undefined, xml)).toMatchObject({
      status: 415,
      body: { detail: 'Unsupported media type "text/xml" in request.' },
    });
    expect(await raw('GET', path, undefined, { headers: { accept: 'text/html' } })).toMatchObject({
      status: 406,
      body: { detail: 'Could not satisfy the request Accept header.' },
    });
    expect(await raw('PUT', path, {})).toMatchObject({ status: 405, body: { detail: 'Method "PUT" not allowed.' } });
    expect(await raw('GET', at('nothing-here/'))).toMatchObject({ status: 404, body: { error: 'Page not found.' } });
    expect(await raw('GET', path, undefined, { key: null })).toMatchObject({
      status: 401,
      body: { detail: 'Authentication credentials were not provided.' },
    });
  });

  test('the key is looked at before the method and the body, and after the address', async () => {
    const bad = { key: 'plane_api_wrong', text: '{' };
    expect((await raw('PUT', at('work-items/'), undefined, bad)).status).toBe(403);
    expect((await raw('GET', '/nowhere/', undefined, { key: null })).status).toBe(404);
    expect((await raw('GET', at('work-items'), undefined, { key: null })).status).toBe(301);
  });
});
