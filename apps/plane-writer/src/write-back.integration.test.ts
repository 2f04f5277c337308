import { createWaitStore } from '@pco/shared/redis';
import { by, eventually } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { type WriterFixture, writerFixture } from './testing/writer-fixture.ts';

const LINKS = { automation: { repo_path: '/nowhere', branch_url: 'https://git.example.com/acme/tree/{branch}' } };
const ITEM = '/work-items/[^/]+/$';

const stateOf = ({ emulator }: WriterFixture, key: string) => emulator.item(key).state;
const reasonOf = async ({ core }: WriterFixture, key: string) => (await core.ticket(key)).reason?.code;

test('a pushed branch becomes a link of the work item and of its comment, between comment and state', async () => {
  await using f = await writerFixture({ config: LINKS, result: { commits: 2, unpushed: 0, durationMs: 120_000 } });
  const item = await f.writeBack('Rounded *up*');
  await f.settled(item, 'done');
  const url = `https://git.example.com/acme/tree/pco/${item.key}`;
  expect(f.emulator.item(item.key).links).toMatchObject([{ url, title: `Branch pco/${item.key}` }]);
  expect(f.ownComments(item).map(({ html }) => html)).toEqual([
    `<p>Rounded *up*</p><p>Duration: 2 min · Branch: <a href="${url}">pco/${item.key}</a> · Commits: 2</p>` +
      '<p>🤖 This work was done with Claude Code assistance.</p>',
  ]);
  const writes = f.emulator.requests().filter(({ method }) => method !== 'GET');
  expect(writes.map(({ method, path }) => `${method} ${/(comments|links)?\/$/.exec(path)?.[0]}`)).toEqual([
    'POST comments/',
    'POST links/',
    'PATCH /',
  ]);
});

test('every request to Plane says which click and which ticket it is for', async () => {
  await using f = await writerFixture({ config: LINKS, result: { commits: 1, unpushed: 0 } });
  await f.settled(await f.writeBack('Rounded', f.project, 'click-7'), 'done');
  const asked = f.emulator.requests({ pathPattern: '/work-items/' });
  expect(asked.filter(({ method }) => method !== 'GET')).toHaveLength(3); // comment, link and state
  for (const { method, path, requestId, correlationId } of asked)
    expect({ requestId, correlationId }, `${method} ${path}`).toEqual({ requestId: 'click-7', correlationId: 'cid-1' });
});

test('a branch that is not pushed is named, and no link leads to it', async () => {
  await using f = await writerFixture({ config: LINKS, result: { commits: 2, unpushed: 2 } });
  const item = await f.writeBack();
  await f.settled(item, 'done');
  expect(f.emulator.item(item.key).links).toEqual([]);
  expect(f.ownComments(item)[0]?.html).toContain(`<p>Branch: pco/${item.key} · Commits: 2 · Not pushed: 2 commits</p>`);
});

test('a link whose answer was lost is there once', async () => {
  await using f = await writerFixture({ config: LINKS, result: { commits: 1, unpushed: 0 } });
  f.emulator.fault({ kind: 'error-after-commit', method: 'POST', pathPattern: '/links/' });
  const item = await f.writeBack();
  await f.settled(item, 'done');
  expect(f.emulator.item(item.key).links).toHaveLength(1);
  expect(f.emulator.countRequests({ method: 'POST', pathPattern: '/links/' })).toBe(2);
});

test('a state that was replaced in Plane since we asked is found by its name again', async () => {
  await using f = await writerFixture({ config: { plane: { completed_state: 'In Progress' } } });
  await f.settled(await f.writeBack(), 'done'); // the states are known from here on
  f.emulator.fault({ kind: 'status', status: 400, method: 'PATCH', body: { state: ['Invalid pk'] } });
  const item = await f.writeBack();
  await f.settled(item, 'done');
  expect(stateOf(f, item.key)).toBe('In Progress');
  expect(await reasonOf(f, item.key)).toBeUndefined();
  expect(f.emulator.countRequests({ pathPattern: '/states/' })).toBe(2);
});

test('a work item that vanishes before its state is written ends the ticket', async () => {
  await using f = await writerFixture();
  const hold = f.emulator.hold({ method: 'PATCH', pathPattern: ITEM, when: 'before' });
  const item = await f.writeBack();
  await f.emulator.waitHeld(hold);
  f.emulator.deleteItem(item.key);
  f.emulator.removeHold(hold);
  await f.settled(item, 'cancelled');
  expect(await reasonOf(f, item.key)).toBe('WORK_ITEM_GONE');
});

test('an archived project is no mass deletion: its tickets keep their write-back for a person to retry', async () => {
  await using f = await writerFixture();
  f.emulator.archiveProject('ACME');
  const item = await f.writeBack();
  await eventually(() => reasonOf(f, item.key)).toBe('PLANE_REFUSED');
  expect((await f.core.ticket(item.key)).reason?.text).toContain('the project ACME is archived');
  f.emulator.archiveProject('ACME', false);
  await f.core.change({ type: 'person.retried', by: 'ada', ticketId: item.key });
  await f.settled(item, 'done');
  expect(f.ownComments(item)).toHaveLength(1);
});

test.each([
  ['not-json', 'a web page instead of JSON'],
  ['truncated', 'JSON that ends in the middle'],
] as const)('an answer that is %s is an outage: it says why it waits, and ends by itself', async (kind, why) => {
  await using f = await writerFixture();
  f.emulator.fault({ kind, method: 'POST', pathPattern: '/comments/' });
  const item = await f.writeBack();
  const waits = createWaitStore(f.core.redis);
  await eventually(async () => waits.first([await f.core.openId('plane.comment', item.key)])).toMatchObject({
    code: 'PLANE_BAD_ANSWER',
    why: expect.stringContaining(why),
  });
  await f.settled(item, 'done');
  expect(f.emulator.item(item.key).comments).toHaveLength(1);
});

test.each([400, 413])(
  'a comment that Plane refuses with %i waits for a person, and goes out once under its key',
  async (status) => {
    await using f = await writerFixture();
    f.emulator.fault({
      kind: 'status',
      status,
      body: { error: 'not valid' },
      method: 'POST',
      pathPattern: '/comments/',
    });
    const item = await f.writeBack();
    await eventually(() => reasonOf(f, item.key)).toBe('PLANE_REFUSED');
    const before = Object.values((await f.core.ticket(item.key)).open).find(({ parked }) => parked);
    expect(before).toMatchObject({ type: 'plane.comment', parked: { code: 'PLANE_REFUSED' } });
    expect(f.emulator.countRequests({ method: 'POST', pathPattern: '/comments/' })).toBe(1);
    expect(f.emulator.countRequests({ method: 'PATCH' })).toBe(0);

    await f.core.change({ type: 'person.retried', ticketId: item.key, by });
    await f.settled(item, 'done');
    expect(f.ownComments(item)).toMatchObject([{ externalId: before?.key }]);
  },
);

test('an item that a person moved meanwhile stays there, and the ticket says so', async () => {
  await using f = await writerFixture();
  const hold = f.emulator.hold({ method: 'POST', pathPattern: '/comments/', when: 'after' });
  const item = await f.writeBack();
  await f.emulator.waitHeld(hold);
  f.emulator.editItem(item.key, { state: 'Done' });
  f.emulator.release(hold);
  await f.settled(item, 'done');
  expect(stateOf(f, item.key)).toBe('Done');
  expect(await reasonOf(f, item.key)).toBe('STATE_NOT_SET');
});

test('a work item that is gone ends its ticket without a comment', async () => {
  await using f = await writerFixture();
  f.emulator.setKeyActive(false);
  const item = await f.writeBack();
  await eventually(() => f.lines('plane.writes-stopped').length).toBe(1);
  f.emulator.deleteItem(item.key);
  f.emulator.setKeyActive(true);
  await f.settled(item, 'cancelled');
  expect(await reasonOf(f, item.key)).toBe('WORK_ITEM_GONE');
  expect(f.emulator.item(item.key).comments).toEqual([]);
});
