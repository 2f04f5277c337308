import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SETTLED, TARGETS, type Target, TIMEOUTS } from './testing/contract-target.ts';

// The contract battery, continued: work items, their lists, and what moves their stamps.
vi.setConfig(TIMEOUTS);

const ITEM_KEYS =
  'id type_id created_at updated_at deleted_at point name description_html description_binary priority start_date ' +
  'target_date sequence_id sort_order completed_at archived_at is_draft external_source external_id created_by ' +
  'updated_by project workspace parent state estimate_point type assignees labels';
const ENVELOPE_KEYS =
  'grouped_by sub_grouped_by total_count next_cursor prev_cursor next_page_results prev_page_results count ' +
  'total_pages total_results extra_stats results';
const sorted = (keys: string) => keys.split(' ').sort();
const keysOf = (row: object) => Object.keys(row).sort();

describe.each(TARGETS)('$name', ({ open }) => {
  let target: Target;
  let items: string;
  beforeAll(async () => {
    target = await open();
    items = `${target.projectPath}/work-items/`;
  });
  afterAll(() => target[Symbol.asyncDispose]());

  const raw: Target['raw'] = (...args) => target.raw(...args);
  const rows = async (query: string) =>
    (await raw('GET', `${items}?${query}`)).body.results as Record<string, unknown>[];
  const post = (body: unknown) => raw('POST', items, body);
  const one = async (id: string) => (await raw('GET', `${items}${id}/`)).body;

  test('an item has exactly these keys, wherever it comes from', async () => {
    const id = await target.newItem();
    const patched = (await raw('PATCH', `${items}${id}/`, { name: 'renamed' })).body;
    const [listed = {}] = await rows('order_by=-created_at&per_page=1');
    for (const row of [await one(id), patched, listed]) expect(keysOf(row)).toEqual(sorted(ITEM_KEYS));
  });

  test('a page has exactly these keys, and its counts agree', async () => {
    await target.newItem();
    const { body } = await raw('GET', `${items}?per_page=1&fields=id`);
    expect(keysOf(body)).toEqual(sorted(ENVELOPE_KEYS));
    expect(body).toMatchObject({ count: 1, prev_cursor: '1:-1:1', prev_page_results: false });
    expect(body.total_results).toBe(body.total_count);
    expect(body.total_pages).toBe(body.total_count);
  });

  test('fields that nobody knows leave nothing, and only what is left is expanded', async () => {
    const id = await target.newItem();
    expect(await rows('fields=zzz&per_page=1')).toEqual([{}]);
    const query = 'fields=id,state,parent,created_by&expand=state,labels,parent,created_by,nothing';
    const { body } = await raw('GET', `${items}${id}/?${query}`);
    expect(keysOf(body)).toEqual(['created_by', 'id', 'parent', 'state']);
    expect(keysOf(body.state as object)).toEqual(['color', 'group', 'id', 'name']);
    expect(body.parent).toEqual({});
    expect(body.created_by).toMatchObject({ id: expect.any(String), display_name: expect.any(String) });
  });

  test('lists come newest first, and in the order of the one key that was asked for', async () => {
    await target.newItem({ priority: 'low' });
    await target.newItem({ priority: 'urgent' });
    const created = (await rows('per_page=50&fields=created_at')).map((row) => Date.parse(String(row.created_at)));
    expect(created).toEqual(created.toSorted((a, b) => b - a));
    const numbers = (await rows('order_by=sequence_id&per_page=50')).map((row) => Number(row.sequence_id));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    const ranks = (await rows('order_by=priority&per_page=50')).map((row) =>
      ['urgent', 'high', 'medium', 'low', 'none'].indexOf(String(row.priority)),
    );
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect((await raw('GET', `${items}?order_by=priority,name`)).status).toBe(500);
  });

  test.each([
    [{}, { name: ['This field is required.'] }],
    [{ name: ' ' }, { name: ['This field may not be blank.'] }],
    [{ name: 'x', priority: 'asap' }, { priority: ['"asap" is not a valid choice.'] }],
    [{ name: 'x', description_html: '' }, { description_html: expect.anything() }],
    [{ name: 'x', start_date: '2026-01-02T00:00:00Z' }, { start_date: expect.anything() }],
    [
      { name: 'x', start_date: '2026-02-02', target_date: '2026-01-01' },
      { non_field_errors: ['Start date cannot exceed target date'] },
    ],
    [{ name: 'x', labels: ['0a1b2c3d-0000-4000-8000-0123456789ab'] }, { labels: { 0: [expect.any(String)] } }],
    [{ name: 'x', assignees: ['0a1b2c3d-0000-4000-8000-0123456789ab'] }, { assignees: { 0: [expect.any(String)] } }],
    [{ name: 'x', assignees: ['nobody'] }, { assignees: expect.anything() }],
  ])('an item made of %j is refused with its field', async (body, answer) => {
    expect(await post(body)).toMatchObject({ status: 400, body: answer });
  });

  test('scripts and comments are taken out of a description', async () => {
    const id = await target.newItem({ description_html: '<p>kept</p><script>gone()</script><!-- gone -->' });
    const { description_html: html } = await one(id);
    expect(html).toContain('kept');
    expect(html).not.toContain('gone');
  });

  test('null as state is the default of the project', async () => {
    const states = (await raw('GET', `${target.projectPath}/states/`)).body.results as Record<string, unknown>[];
    const other = states.find((state) => !state.default)?.id;
    const id = await target.newItem({ state: other });
    expect((await raw('PATCH', `${items}${id}/`, { state: null })).body.state).toBe(
      states.find((state) => state.default)?.id,
    );
  });

  test('an item is completed when it enters the group, and no longer when it leaves', async () => {
    const states = (await raw('GET', `${target.projectPath}/states/`)).body.results as Record<string, unknown>[];
    const inGroup = (group: string) => states.find((state) => state.group === group)?.id;
    const id = await target.newItem();
    expect((await raw('PATCH', `${items}${id}/`, { state: inGroup('completed') })).status).toBe(200);
    expect((await one(id)).completed_at).toEqual(expect.any(String));
    await raw('PATCH', `${items}${id}/`, { state: inGroup('started') });
    expect((await one(id)).completed_at).toBeNull();
  });

  test('a PATCH onto a taken external id is a conflict that names the patched item', async () => {
    const pair = { external_source: 'contract', external_id: crypto.randomUUID() };
    const holder = await target.newItem(pair);
    const id = await target.newItem();
    expect(await raw('PATCH', `${items}${id}/`, pair)).toMatchObject({ status: 409, body: { id } });
    expect((await raw('DELETE', `${items}${holder}/`)).status).toBe(204);
    await target.newItem(pair); // free again
  });

  test('one half of an external id is not looked for', async () => {
    const half = { external_id: crypto.randomUUID() };
    expect(await target.newItem(half)).not.toBe(await target.newItem(half));
  });

  test('what was answered on creation is older than what is stored', async () => {
    const { body } = await post({ name: 'contract' });
    target.remember(`${items}${body.id}/`);
    await expect
      .poll(async () => String((await one(String(body.id))).updated_at) > String(body.updated_at), SETTLED)
      .toBe(true);
  });

  /** A stamp that stays as it is while the worker had time: what to compare the next with. */
  async function settledStamp(id: string): Promise<number> {
    let last = Number.NaN;
    const stamp = async () => Date.parse(String((await one(id)).updated_at));
    await expect
      .poll(
        async () => {
          const before = last;
          last = await stamp();
          return last === before;
        },
        { ...SETTLED, interval: 300 },
      )
      .toBe(true);
    return last;
  }

  test('a change of nothing, a comment, its edit, its deletion and a link all move the stamp', async () => {
    const id = await target.newItem();
    const path = `${items}${id}/`;
    let comment = '';
    const changes: [string, () => Promise<unknown>][] = [
      ['the same name', () => raw('PATCH', path, { name: 'contract' })],
      [
        'a comment',
        async () => {
          comment = String((await raw('POST', `${path}comments/`, { comment_html: '<p>a</p>' })).body.id);
        },
      ],
      ['its edit', () => raw('PATCH', `${path}comments/${comment}/`, { comment_html: '<p>b</p>' })],
      ['its deletion', () => raw('DELETE', `${path}comments/${comment}/`)],
      ['a link', () => raw('POST', `${path}links/`, { url: 'https://example.org/a' })],
    ];
    for (const [what, change] of changes) {
      const before = await settledStamp(id);
      await change();
      await expect
        .poll(async () => Date.parse(String((await one(id)).updated_at)), { ...SETTLED, message: what })
        .toBeGreaterThan(before);
    }
  });

  test('a deleted item is gone for every method, and from the list', async () => {
    const id = await target.newItem();
    const path = `${items}${id}/`;
    expect((await raw('DELETE', path)).status).toBe(204);
    const gone = { status: 404, body: { error: 'The requested resource does not exist.' } };
    expect(await raw('GET', path)).toMatchObject(gone);
    expect(await raw('PATCH', path, { name: 'x' })).toMatchObject(gone);
    expect(await raw('DELETE', path)).toMatchObject(gone);
    expect((await rows('per_page=50&fields=id')).map((row) => row.id)).not.toContain(id);
    expect((await raw('POST', `${path}comments/`, { comment_html: 'x' })).status).toBe(201);
  });

  test('by its key an item is found, missing or forbidden', async () => {
    const id = await target.newItem();
    const { identifier } = (await raw('GET', `${target.projectPath}/`)).body;
    const byKey = (key: string) => raw('GET', `/workspaces/${target.slug}/work-items/${key}/`);
    expect(await byKey(`${identifier}-${(await one(id)).sequence_id}`)).toMatchObject({ status: 200, body: { id } });
    expect((await byKey(`${identifier}-99999999`)).status).toBe(404);
    expect((await byKey('NOSUCHPROJ-1')).status).toBe(403);
    expect((await byKey(`${identifier}-abc`)).status).toBe(500);
  });

  test('activities tell who changed a state, and nothing of comments', async () => {
    const states = (await raw('GET', `${target.projectPath}/states/`)).body.results as Record<string, unknown>[];
    const started = states.find((state) => state.group === 'started');
    const id = await target.newItem();
    await raw('POST', `${items}${id}/comments/`, { comment_html: 'x' });
    await raw('PATCH', `${items}${id}/`, { state: started?.id });
    const read = async () => (await raw('GET', `${items}${id}/activities/`)).body.results as Record<string, unknown>[];
    await expect
      .poll(async () => (await read()).find((row) => row.field === 'state'), SETTLED)
      .toMatchObject({ verb: 'updated', new_value: started?.name, new_identifier: started?.id });
    expect((await read()).some((row) => row.field === 'comment')).toBe(false);
  });
});
