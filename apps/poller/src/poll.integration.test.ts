import { eventually } from '@pco/shared/testing';
import { describe, expect, test } from 'vitest';
import { lookFixture } from './testing/look-fixture.ts';

const NOW = { bumpDelayMs: 0 };
const AGENT = { filters: { labels_any: ['Agent'] } };

describe('requests', () => {
  test.each([10, 10_000])('of a poll that finds nothing new are one, at %i work items', async (count) => {
    await using p = await lookFixture({
      settings: NOW,
      prepare: (emulator) => void emulator.createItems({ project: 'ACME', count, state: 'Todo' }),
    });
    for (let polls = 1; polls <= 3; polls += 1) {
      p.emulator.clearRequests();
      await p.poll();
      expect(p.requests()).toEqual([`GET ${p.projectId}/work-items/`]);
    }
  });

  test('are one more for each changed work item that is followed, and none for the others', async () => {
    await using p = await lookFixture({ settings: NOW, config: AGENT });
    const followed = Array.from({ length: 12 }, (_, i) =>
      p.emulator.createItem({ project: 'ACME', name: `followed ${i}`, state: 'Backlog', labels: ['agent'] }),
    );
    const others = Array.from({ length: 12 }, (_, i) =>
      p.emulator.createItem({ project: 'ACME', name: `other ${i}`, state: 'Todo' }),
    );
    await p.poll();
    for (const { id } of [...followed, ...others]) p.emulator.editItem(id, { name: 'renamed' });
    for (const { id } of others) p.emulator.comment(id, { html: '<p>hm</p>' });
    p.emulator.clearRequests();
    await p.poll();
    const list = `GET ${p.projectId}/work-items/`;
    expect(p.requests()).toHaveLength(1 + followed.length);
    expect(new Set(p.requests())).toEqual(new Set([list, ...followed.map(({ id }) => `${list}${id}/comments/`)]));
    expect(await Promise.all(others.map(({ key }) => p.status(key)))).toEqual(others.map(() => null));
  });

  test('of a first look are few, also where pages are small', async () => {
    const prepare = (emulator: { createItems(given: object): unknown }) =>
      void emulator.createItems({ project: 'ACME', count: 2_500, state: 'Todo' } as never);
    await using large = await lookFixture({ settings: NOW, prepare });
    expect(large.baselineRequests('/work-items/')).toBe(3);
    await using small = await lookFixture({ settings: { ...NOW, maxPerPage: 100 }, prepare });
    expect(small.baselineRequests('/work-items/')).toBe(26); // the first asked for more than it gives
    small.emulator.clearRequests();
    await small.poll();
    expect(small.requests()).toHaveLength(1);
  });
});

describe('filters', () => {
  test('a work item that is let through for the first time is new; what was let through before is not', async () => {
    await using p = await lookFixture({ settings: NOW, config: AGENT });
    const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'later', state: 'Todo' });
    await p.poll();
    expect(await p.status(key)).toBeNull();
    p.emulator.editItem(id, { labels: ['agent'] });
    await p.poll();
    expect(await p.status(key)).toBe('pending');
    p.emulator.editItem(id, { labels: [] });
    await p.poll();
    p.emulator.editItem(id, { name: 'renamed' });
    await p.poll();
    expect((await p.core.ticket(key)).workItem.title).toBe('renamed');
    expect(await p.triggers(key)).toHaveLength(1);
  });

  test('a person, a priority and a state group decide as well', async () => {
    const filters = {
      assignees_any: ['alice'],
      priority_at_most: 'medium' as const,
      state_groups: ['started' as const],
    };
    await using p = await lookFixture({ settings: NOW, config: { filters } });
    const make = (over: object) =>
      p.emulator.createItem({
        ...{ project: 'ACME', name: 'x', state: 'In Progress', priority: 'low', assignees: ['alice'] },
        ...over,
      });
    const wanted = make({});
    const others = [make({ assignees: [] }), make({ priority: 'high' }), make({ state: 'Todo' })];
    await p.poll();
    expect(await p.status(wanted.key)).toBe('pending');
    expect(await Promise.all(others.map(({ key }) => p.status(key)))).toEqual([null, null, null]);
  });
});

describe('the service account', () => {
  const SAID = (key: string) => `<p>:approved: ${key} /complete finished</p>`;

  test('triggers nothing by what it writes, in whatever order that is seen', async () => {
    await using p = await lookFixture({ settings: NOW });
    const by = 'orchestrator-bot';
    const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'x', state: 'Backlog' });
    await p.poll();
    p.emulator.comment(id, { html: SAID(key), by });
    await p.poll();
    p.emulator.editItem(id, { state: 'Todo', by });
    p.emulator.comment(id, { html: SAID(key), by });
    await p.poll();
    p.emulator.editItem(id, { state: 'In Progress', by });
    p.emulator.editItem(id, { name: 'a person edits it afterwards' });
    await p.core.redis.client.set(p.core.redis.keys.ownState(id), await p.stateOf(id), 'PX', 60_000);
    await p.poll();
    const own = p.emulator.createItem({ project: 'ACME', name: 'made by an agent', state: 'Todo', by });
    await p.poll();
    expect([await p.status(key), await p.status(own.key)]).toEqual([null, null]);
  });

  test('does not hide what people do just before it writes', async () => {
    await using p = await lookFixture({ settings: NOW });
    const by = 'orchestrator-bot';
    const moved = p.emulator.createItem({ project: 'ACME', name: 'moved', state: 'Backlog' });
    const said = p.emulator.createItem({ project: 'ACME', name: 'said', state: 'Backlog' });
    await p.poll();
    p.emulator.editItem(moved.id, { state: 'Todo' });
    p.emulator.editItem(moved.id, { name: 'edited by us', by });
    p.emulator.comment(said.id, { html: '<p>please</p>' });
    p.emulator.comment(said.id, { html: '<p>ours</p>', by });
    await p.poll();
    expect((await p.core.ticket(moved.key)).trigger.type).toBe('status_change');
    expect((await p.core.ticket(said.key)).trigger.type).toBe('comment_added');
  });

  test('does not hide a comment by moving the work item where work ends', async () => {
    await using p = await lookFixture({ settings: NOW });
    const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'x', state: 'Backlog' });
    await p.poll();
    p.emulator.editItem(id, { state: 'Done', by: 'orchestrator-bot' });
    await p.core.redis.client.set(p.core.redis.keys.ownState(id), await p.stateOf(id), 'PX', 60_000);
    p.emulator.comment(id, { html: '<p>one more thing</p>' });
    await p.poll();
    expect((await p.core.ticket(key)).trigger.type).toBe('comment_added');
  });

  test('of another installation is known by its mark', async () => {
    await using p = await lookFixture({ settings: NOW });
    const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'x', state: 'Backlog' });
    await p.poll();
    await p.commentByApi(id, {
      comment_html: SAID(key),
      external_source: 'plane-claude-orchestrator',
      external_id: 'k',
    });
    await p.poll();
    expect(await p.status(key)).toBeNull();
  });
});

describe('comments', () => {
  test('are new by their id, whatever date they bear; an edit is no news', async () => {
    await using p = await lookFixture({ settings: NOW, config: { triggers: { new_tickets: false } } });
    const { id, key } = p.newItem();
    await p.poll();
    const first = p.emulator.comment(id, { html: '<p>one</p>' });
    await p.poll();
    expect(await p.triggers(key)).toHaveLength(1);
    p.emulator.editComment(first.id, { html: '<p>edited</p>' });
    await p.poll();
    expect(await p.triggers(key)).toHaveLength(1);
    p.emulator.deleteComment(first.id);
    p.emulator.comment(id, { html: '<p>two</p>' });
    await p.poll();
    expect(await p.triggers(key)).toHaveLength(2);
  });

  test('from before the first look are no news, nor are those that were forgotten after a long time', async () => {
    let key = '';
    await using p = await lookFixture({
      settings: NOW,
      prepare: (emulator) => {
        key = emulator.createItem({ project: 'ACME', name: 'old', state: 'Backlog' }).key;
        emulator.comment(key, { html: '<p>long ago</p>' });
      },
    });
    p.emulator.editItem(key, { name: 'renamed' });
    await p.poll();
    p.emulator.comment(key, { html: '<p>now</p>' });
    await p.poll();
    expect(await p.triggers(key)).toHaveLength(1);
    await p.core.redis.client.del(p.core.redis.keys.comments(p.emulator.item(key).id)); // as after 90 days
    p.emulator.editItem(key, { name: 'renamed again' });
    await p.poll();
    expect(await p.triggers(key)).toHaveLength(1);
  });

  test('are found where they move a time of their own', async () => {
    await using p = await lookFixture({ settings: { ...NOW, lastActivityAt: true } });
    const { id, key } = p.emulator.createItem({ project: 'ACME', name: 'x', state: 'Backlog' });
    p.emulator.createItems({ project: 'ACME', count: 300, state: 'Backlog' });
    await p.poll();
    p.emulator.comment(id, { html: '<p>please</p>' });
    await eventually(async () => {
      await p.poll();
      return p.status(key);
    }).toBe('pending');
  });
});

test('with initial_scan enqueue what is planned and let through is offered once', async () => {
  const keys: string[] = [];
  await using p = await lookFixture({
    settings: NOW,
    config: { ...AGENT, plane: { initial_scan: 'enqueue' } },
    prepare: (emulator) => {
      for (const [state, labels] of [
        ['Todo', ['agent']],
        ['Backlog', ['agent']],
        ['Todo', []],
      ] as const)
        keys.push(emulator.createItem({ project: 'ACME', name: 'old', state, labels: [...labels] }).key);
    },
  });
  await p.poll();
  expect(await Promise.all(keys.map(p.status))).toEqual(['pending', null, null]);
  expect(await p.triggers(keys[0] ?? '')).toHaveLength(1);
});
