import { createPlaneClient, type PlaneClient } from '@pco/shared/plane';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SETTLED, TARGETS, type Target, TIMEOUTS } from './testing/contract-target.ts';

// What the product relies on, asked of the emulator and, when the PLANE_CONTRACT_ variables are set, of a real Plane
// too: the same answers from both are what makes the emulator worth testing against. The real one needs a project of
// which the token's user is a member; its items are made and deleted here. URL ends in /api/v1.
vi.setConfig(TIMEOUTS);

describe.each(TARGETS)('$name', ({ open }) => {
  let target: Target;
  let client: PlaneClient & AsyncDisposable;
  let projectPath: string;
  let raw: Target['raw'];
  let newItem: Target['newItem'];

  beforeAll(async () => {
    target = await open();
    ({ projectPath, raw, newItem } = target);
    const { apiUrl, token, slug: workspaceSlug } = target;
    const budget = { take: () => target.pace(), blockFor: async () => {} };
    client = createPlaneClient({ apiUrl, token, workspaceSlug, pathSegment: 'auto', budget });
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
  });

  const note = (externalId: string, html = '<p>hi</p>') => ({ html, externalSource: 'contract', externalId });
  const feed = () => client.listWorkItems(target.projectId, { perPage: 50, expand: ['state'] });
  const stamp = async (id: string) => (await feed()).rows.find((row) => row.id === id)?.updatedUs ?? 0;

  test('the key belongs to a user, and its project is listed as joined', async () => {
    expect((await client.me()).id).toMatch(/^[0-9a-f-]{36}$/);
    const project = (await client.listProjects()).find(({ id }) => id === target.projectId);
    expect(project).toMatchObject({ isMember: true, archivedAt: null });
    expect(await client.project(target.projectId)).toMatchObject({ identifier: project?.identifier });
  });

  test('states come in the order of the board, without triage', async () => {
    const states = await client.listStates(target.projectId);
    const sequences = states.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    expect(states.map(({ group }) => group)).toEqual(expect.arrayContaining(['backlog', 'started', 'completed']));
    expect(states.some(({ group }) => group === 'triage')).toBe(false);
  });

  test('a new item leads the feed with its state, and is found by id and by key', async () => {
    const id = await newItem({ description_html: '<p>text</p>' });
    // Other people may work in a real project meanwhile.
    const row = (await feed()).rows.find((one) => one.id === id);
    expect(row).toMatchObject({ id, name: 'contract', state: { group: 'backlog' }, priority: 'none' });
    const { identifier } = await client.project(target.projectId);
    const item = await client.workItemByKey(`${identifier}-${row?.sequenceId}`);
    // The worker may bump it between the two reads.
    const byId = await client.workItem(target.projectId, id);
    expect(item).toEqual({ ...byId, updatedUs: item.updatedUs });
    expect(item).toMatchObject({ id, projectId: target.projectId, descriptionHtml: expect.stringContaining('text') });
  });

  test('a comment moves its item to the front a little later, without naming an editor', async () => {
    const id = await newItem();
    await expect.poll(() => stamp(id), SETTLED).toBeGreaterThan(0);
    // The item's own creation is bumped by the worker as well; a second stamp that stays is what to compare with.
    await expect.poll(async () => (await stamp(id)) === (await stampAfter(300, id)), SETTLED).toBe(true);
    const before = await stamp(id);
    await client.createComment(target.projectId, id, note(crypto.randomUUID()));
    await expect.poll(() => stamp(id), SETTLED).toBeGreaterThan(before);
    expect((await feed()).rows.find((row) => row.id === id)).toMatchObject({ updatedBy: null });
  });
  const stampAfter = async (ms: number, id: string) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return stamp(id);
  };

  test('a comment is stored as it was sent, and the newest comes first', async () => {
    const id = await newItem();
    const html = '<p>a</p><script>b</script><!-- c -->';
    const first = await client.createComment(target.projectId, id, note(crypto.randomUUID(), html));
    const second = await client.createComment(target.projectId, id, note(crypto.randomUUID()));
    const { comments, totalCount, nextCursor } = await client.listComments(target.projectId, id);
    expect(comments.map((comment) => comment.id)).toEqual([second.id, first.id]);
    expect(comments[1]).toMatchObject({ html, actor: (await client.me()).id, externalSource: 'contract' });
    expect({ totalCount, nextCursor }).toEqual({ totalCount: 2, nextCursor: null });
  });

  test('a comment is created a few microseconds after it was updated, and only reads say is_member', async () => {
    const id = await newItem();
    const path = `${projectPath}/work-items/${id}/comments/`;
    expect((await raw('POST', path, { comment_html: '<p>x</p>' })).body).not.toHaveProperty('is_member');
    const { comments } = await client.listComments(target.projectId, id);
    expect(comments[0]?.createdUs).toBeGreaterThan(comments[0]?.updatedUs ?? 0);
    expect((await raw('GET', `${path}${comments[0]?.id}/`)).body).toMatchObject({ is_member: true });
  });

  test('an external id is taken in the whole project, until its comment is deleted', async () => {
    const [here, there] = [await newItem(), await newItem()];
    const once = note(crypto.randomUUID());
    const { id } = await client.createComment(target.projectId, here, once);
    expect(await client.createComment(target.projectId, here, once)).toEqual({ outcome: 'conflict', id });
    expect(await client.createComment(target.projectId, there, once)).toEqual({ outcome: 'conflict', id });
    await client.deleteComment(target.projectId, here, id);
    expect(await client.createComment(target.projectId, here, once)).toMatchObject({ outcome: 'created' });
    await expect(client.deleteComment(target.projectId, here, id)).rejects.toMatchObject({ code: 'PLANE_NOT_FOUND' });
  });

  test('a comment on a deleted item is accepted and seen by nobody', async () => {
    const id = await newItem();
    expect((await raw('DELETE', `${projectPath}/work-items/${id}/`)).status).toBe(204);
    await expect(client.workItem(target.projectId, id)).rejects.toMatchObject({ code: 'PLANE_NOT_FOUND' });
    expect(await client.createComment(target.projectId, id, note(crypto.randomUUID()))).toMatchObject({
      outcome: 'created',
    });
    expect((await client.listComments(target.projectId, id)).comments).toEqual([]);
  });

  test('a comment on an unknown item is refused', async () => {
    const post = client.createComment(target.projectId, crypto.randomUUID(), note(crypto.randomUUID()));
    await expect(post).rejects.toMatchObject({ code: 'PLANE_REFUSED', message: expect.stringContaining('payload') });
  });

  test('NUL characters in a comment are refused', async () => {
    const post = client.createComment(target.projectId, await newItem(), note(crypto.randomUUID(), '<p>\0</p>'));
    await expect(post).rejects.toMatchObject({ code: 'PLANE_REFUSED' });
  });

  test('a state is changed by its id, and the keys of the web interface are ignored', async () => {
    const id = await newItem();
    const started = (await client.listStates(target.projectId)).find(({ group }) => group === 'started');
    const ignored = await raw('PATCH', `${projectPath}/work-items/${id}/`, { state_id: started?.id });
    expect([ignored.status, ignored.body.state === started?.id]).toEqual([200, false]);
    expect(await client.updateState(target.projectId, id, started?.id ?? '')).toMatchObject({
      state: { id: started?.id },
    });
    expect(await client.updateState(target.projectId, id, started?.id ?? '')).toMatchObject({
      state: { id: started?.id },
    });
  });

  test('an unknown state is refused with its field', async () => {
    const move = client.updateState(target.projectId, await newItem(), crypto.randomUUID());
    await expect(move).rejects.toMatchObject({ code: 'PLANE_REFUSED', message: expect.stringContaining('state') });
  });

  test('the same link twice is not an error', async () => {
    const id = await newItem();
    const link = { url: 'https://example.org/pull/1', title: 'pull request' };
    expect(await client.createLink(target.projectId, id, link)).toEqual({ outcome: 'created' });
    expect(await client.createLink(target.projectId, id, link)).toEqual({ outcome: 'exists' });
    expect(await client.listLinks(target.projectId, id)).toEqual([link]);
    const bad = client.createLink(target.projectId, id, { url: 'nowhere', title: '' });
    await expect(bad).rejects.toMatchObject({ code: 'PLANE_REFUSED' });
  });

  test('pages follow the index of the cursor until the flag says that it is the last', async () => {
    for (let i = 0; i < 3; i++) await newItem();
    const page = (cursor: string | null) =>
      client.listWorkItems(target.projectId, { perPage: 2, cursor, fields: ['id'] });
    expect(await page(null)).toMatchObject({ nextCursor: '2:1:0', rows: [{ name: '' }, { name: '' }] });
    // a late bump may move an item from one page to the other between two requests, as in the real Plane
    await expect
      .poll(async () => {
        const [first, second] = [await page(null), await page('2:1:0')];
        return new Set([...first.rows, ...second.rows].map(({ id }) => id)).size;
      })
      .toBe(4);
    const beyond = await raw('GET', `${projectPath}/work-items/?per_page=2&cursor=2:9999:0`);
    expect(beyond.body).toMatchObject({ results: [], count: 0, next_page_results: false, next_cursor: '2:10000:0' });
  });

  test('the first number of a cursor and unknown parameters count for nothing', async () => {
    const list = `${projectPath}/work-items/?order_by=sequence_id&fields=id&per_page=1`;
    const plain = await raw('GET', `${list}&cursor=1:1:0`);
    expect((await raw('GET', `${list}&cursor=77:1:0&state=none&page=5&offset=9`)).body).toEqual(plain.body);
  });

  test.each([
    ['per_page=1001', 400, { detail: 'Invalid per_page value. Cannot exceed 1000.' }],
    ['per_page=many', 400, { detail: 'Invalid per_page parameter.' }],
    ['cursor=abc', 400, { detail: 'Invalid cursor parameter.' }],
    ['cursor=10:-1:0', 400, { detail: 'Error in parsing' }],
    ['per_page=0', 500, { error: 'Something went wrong please try again later' }],
    ['order_by=nothing', 500, { error: 'Something went wrong please try again later' }],
  ])('a list with %s answers %i', async (query, status, body) => {
    expect(await raw('GET', `${projectPath}/work-items/?${query}`)).toMatchObject({ status, body });
  });

  test('an external id finds one plain item, and both are needed', async () => {
    const external = crypto.randomUUID();
    const id = await newItem({ external_id: external, external_source: 'contract' });
    const path = `${projectPath}/work-items/`;
    expect((await raw('GET', `${path}?external_id=${external}&external_source=contract&fields=id`)).body).toEqual({
      id,
    });
    expect((await raw('GET', `${path}?external_id=${external}`)).body).toHaveProperty('results');
    expect((await raw('GET', `${path}?external_id=none&external_source=contract`)).status).toBe(404);
    const again = await raw('POST', path, { name: 'x', external_id: external, external_source: 'contract' });
    expect(again).toMatchObject({ status: 409, body: { id, error: expect.stringContaining('already exists') } });
  });

  test('a missing slash is redirected whatever the method', async () => {
    const { status, location } = await raw('POST', `${projectPath}/work-items`, { name: 'x' });
    expect([status, location?.endsWith('/work-items/')]).toEqual([301, true]);
  });

  test('both spellings of work items are served', async () => {
    const id = await newItem();
    expect((await raw('GET', `${projectPath}/issues/${id}/?fields=id`)).body).toEqual({ id });
  });

  test('no key, a bad key and a wrong place are three different answers', async () => {
    const path = `${projectPath}/work-items/`;
    const permission = { detail: 'You do not have permission to perform this action.' };
    expect(await raw('GET', path, undefined, { key: null })).toMatchObject({ status: 401 });
    expect(await raw('GET', path, undefined, { key: 'plane_api_wrong' })).toMatchObject({
      status: 403,
      body: { detail: 'Given API token is not valid' },
    });
    expect(await raw('GET', '/workspaces/no-such-place/projects/')).toMatchObject({ status: 403, body: permission });
    const elsewhere = `/workspaces/${target.slug}/projects/${crypto.randomUUID()}/work-items/`;
    expect(await raw('GET', elsewhere)).toMatchObject({ status: 403, body: permission });
  });

  test('an id that is no UUID is an unknown address', async () => {
    const path = `${projectPath}/work-items/abc/`;
    expect(await raw('GET', path)).toMatchObject({ status: 404, body: { error: 'Page not found.' } });
    await expect(client.workItem(target.projectId, 'abc')).rejects.toMatchObject({ code: 'PLANE_REFUSED' });
  });

  test('a taken label name is a conflict that names the holder', async () => {
    const path = `${projectPath}/labels/`;
    const label = await raw('POST', path, { name: crypto.randomUUID() });
    expect(label.status).toBe(201);
    target.remember(`${path}${label.body.id}/`);
    expect(await raw('POST', path, { name: label.body.name })).toMatchObject({
      status: 409,
      body: { id: label.body.id },
    });
    expect((await raw('DELETE', `${path}${label.body.id}/`)).status).toBe(204);
  });

  test('a new state is answered with 200', async () => {
    const path = `${projectPath}/states/`;
    const state = await raw('POST', path, { name: crypto.randomUUID(), color: '#fff', group: 'started' });
    expect(state.status).toBe(200);
    target.remember(`${path}${state.body.id}/`);
    expect((await raw('DELETE', `${path}${state.body.id}/`)).status).toBe(204);
  });

  test('a name of more than 255 characters is refused with its field', async () => {
    const answer = await raw('POST', `${projectPath}/work-items/`, { name: 'x'.repeat(256) });
    expect(answer).toMatchObject({
      status: 400,
      body: { name: ['Ensure this field has no more than 255 characters.'] },
    });
  });

  test('a body over five megabytes is refused', async () => {
    const answer = await raw('POST', `${projectPath}/work-items/`, {
      name: 'x',
      description_html: 'y'.repeat(5_300_000),
    });
    expect(answer.status).toBe(413);
    // A proxy in front of a real Plane may say so first, in its own words.
    if (!('notJson' in answer.body)) expect(answer.body).toMatchObject({ error: 'REQUEST_BODY_TOO_LARGE' });
  });

  test('PUT, HEAD and OPTIONS are not known', async () => {
    for (const method of ['PUT', 'HEAD', 'OPTIONS']) {
      expect((await raw(method, `${projectPath}/work-items/`)).status).toBe(405);
    }
  });
});
