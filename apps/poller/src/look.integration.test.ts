import { eventually } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { lookFixture } from './testing/look-fixture.ts';

test('a hint at a new work item makes it a ticket with two requests, and the next poll finds nothing new', async () => {
  await using p = await lookFixture();
  const { id, key } = p.newItem();
  await p.hint(id);
  await eventually(() => p.status(key)).toBe('pending');
  await p.idle();
  const item = `${p.projectId}/work-items/${id}/`;
  expect(p.requests().filter((line) => line !== 'GET /api/v1/users/me/')).toEqual([
    `GET ${item}`,
    `GET ${item}comments/`,
  ]);
  await p.poll();
  p.emulator.clearRequests();
  await p.poll();
  expect(p.requests()).toEqual([`GET ${p.projectId}/work-items/`]);
  expect(await p.triggers(key)).toHaveLength(1);
});

test('the id of the delivery that hinted goes with the ticket', async () => {
  await using p = await lookFixture();
  const { id, key } = p.newItem();
  await p.hint(id, 'the-delivery');
  await eventually(() => p.status(key)).toBe('pending');
  expect((await p.core.store.load(key)).ticket?.cid).toBe('the-delivery');
});

test.each(['look first', 'poll first', 'both at once'])('poll and look see the same change once: %s', async (order) => {
  await using p = await lookFixture();
  const { id, key } = p.newItem();
  const both = { poll: () => p.poll(), look: () => p.hint(id) };
  if (order === 'look first') {
    await both.look();
    await eventually(() => p.status(key)).toBe('pending');
    await both.poll();
  } else if (order === 'poll first') {
    await both.poll();
    await both.look();
  } else {
    await Promise.all([both.look(), both.poll(), both.look()]);
  }
  await eventually(() => p.status(key)).toBe('pending');
  await p.idle();
  expect(await p.triggers(key)).toHaveLength(1);
});

test('a comment is seen before Plane has moved its work item, and triggers once', async () => {
  await using p = await lookFixture({
    settings: { bumpDelayMs: 300 },
    config: { triggers: { new_tickets: false, status_changes: false } },
  });
  const { id, key } = p.newItem();
  await p.poll();
  expect(await p.status(key)).toBeNull();
  p.emulator.comment(id, { html: '<p>Please look</p>' });
  await p.hint(id);
  await eventually(() => p.status(key)).toBe('pending');
  await eventually(async () => {
    const before = p.emulator.requests().length;
    await p.poll();
    return p.emulator.requests().length - before;
  }).toBe(1);
  expect(await p.triggers(key)).toHaveLength(1);
});

test('own comments and states trigger nothing, whichever way they are seen', async () => {
  await using p = await lookFixture();
  const { id, key } = p.newItem();
  await p.poll();
  await eventually(() => p.status(key)).toBe('pending');
  await p.core.change({ type: 'person.cancelled', by: 'ada', ticketId: key });
  p.emulator.comment(id, { html: '<p>I am the service account</p>', by: 'orchestrator-bot' });
  await p.hint(id);
  await p.idle();
  await p.poll();
  expect(await p.status(key)).toBe('cancelled');
  expect(await p.triggers(key)).toHaveLength(1);
});

test('a hint at a work item that is gone ends its ticket; without a ticket one request is all', async () => {
  await using p = await lookFixture();
  const [kept, gone] = [p.newItem('kept'), p.newItem('gone')];
  await p.poll();
  await eventually(() => p.status(gone.key)).toBe('pending');
  p.emulator.deleteItem(gone.id);
  await p.hint(gone.id);
  await eventually(() => p.status(gone.key)).toBe('cancelled');
  expect(await p.status(kept.key)).toBe('pending');
  p.emulator.clearRequests();
  const nowhere = crypto.randomUUID();
  await p.hint(nowhere);
  await eventually(() => p.requests()).toEqual([`GET ${p.projectId}/work-items/${nowhere}/`]);
});

test('the first look is at once; what follows within a second is looked at together, later', async () => {
  await using p = await lookFixture();
  const { id, key } = p.newItem();
  await p.hint(id);
  await eventually(() => p.status(key)).toBe('pending');
  p.emulator.editItem(id, { name: 'Login fails on Mondays' });
  for (let i = 0; i < 5; i += 1) await p.hint(id);
  await eventually(async () => (await p.core.ticket(key)).workItem.title).toBe('Login fails on Mondays');
  const looks = p.emulator.requests().filter(({ path }) => path.includes(`/work-items/${id}/?`));
  expect(looks).toHaveLength(2);
  const [first = 0, second = 0] = looks.map(({ at }) => Date.parse(at));
  expect(second - first).toBeGreaterThan(850);
});

test('a look that a poll has made needless asks Plane nothing', async () => {
  await using p = await lookFixture();
  const { id, key } = p.newItem();
  await p.webhooks.noteDelivery('delivery', id);
  const { client, keys } = p.core.redis;
  await client.zincrby(keys.webhooksHeard, -5_000, id);
  await p.poll();
  await eventually(() => p.status(key)).toBe('pending');
  p.emulator.clearRequests();
  await p.hint(id);
  await eventually(() => p.core.queues.get('plane-read').getJobCountByTypes('active', 'waiting', 'delayed')).toBe(1);
  expect(p.requests()).toEqual([]);
});

test('a look that fails is tried again, and what it could not see the next poll sees', async () => {
  await using p = await lookFixture();
  const { id, key } = p.newItem();
  p.emulator.fault({ kind: 'status', status: 403, pathPattern: `/work-items/${id}/`, times: 1 });
  await p.hint(id);
  await eventually(() => p.lines('look.failed').length).toBe(1);
  expect(await p.status(key)).toBeNull();
  await p.poll();
  await eventually(() => p.status(key)).toBe('pending');
});

test('a look without budget left waits for it instead of failing', async () => {
  await using p = await lookFixture();
  const { id, key } = p.newItem();
  p.emulator.fault({ kind: 'rate-limit', retryAfterSeconds: 1, pathPattern: `/work-items/${id}/`, times: 1 });
  await p.hint(id);
  await eventually(() => p.status(key)).toBe('pending');
  expect(p.lines('look.failed')).toEqual([]);
});
