import { createWriteStopStore, EVERYWHERE } from '@pco/shared/redis';
import { by, eventually } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { type WriterFixture, writerFixture } from './testing/writer-fixture.ts';

const stopsOf = ({ core }: WriterFixture) => createWriteStopStore(core.redis).all();
const times = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, make));

/** Waits until there is such a stop, and until every ticket is a job that costs nobody anything. */
async function stopped(w: WriterFixture, scope: string) {
  await eventually(async () => (await stopsOf(w)).map((stop) => stop.scope)).toEqual([scope]);
  const queue = w.core.queues.get('plane-write');
  await eventually(() => queue.getJobCountByTypes('active')).toBe(0);
  expect(await queue.getJobCountByTypes('failed')).toBe(0);
}

test('a token that Plane does not take any more: one alarm, everything waits, and goes on by itself', async () => {
  await using w = await writerFixture({ writers: 2 });
  w.emulator.setKeyActive(false);
  const items = await times(8, () => w.writeBack());
  await stopped(w, EVERYWHERE);
  expect((await stopsOf(w))[0]?.why).toMatch(/plane\.api_token/);
  for (const item of items) {
    const { status, open } = await w.core.ticket(item.key);
    expect(status).toBe('updating');
    expect(Object.values(open).filter(({ parked }) => parked)).toEqual([]);
  }
  expect(w.lines('plane.writes-stopped')).toHaveLength(1);

  w.emulator.setKeyActive(true);
  for (const item of items) await w.settled(item, 'done');
  for (const item of items) expect(w.ownComments(item)).toHaveLength(1);
  expect(w.lines('plane.writes-stopped')).toHaveLength(1);
  expect(w.lines('plane.writes-resumed')).toHaveLength(1);
  expect(await stopsOf(w)).toEqual([]);
});

test.each([
  ['left', null],
  ['may only read', 5],
])('a project that our user %s waits alone', async (_what, role) => {
  await using w = await writerFixture({ writers: 2 });
  const other = w.emulator.createProject({ identifier: 'OPS', botRole: role });
  const refused = await times(3, () => w.writeBack('Fixed it', other));
  await stopped(w, other.id);
  expect((await stopsOf(w))[0]).toMatchObject({ project: 'OPS', why: expect.stringMatching(/member/i) });
  await w.settled(await w.writeBack(), 'done');
  expect(w.lines('plane.writes-stopped')).toHaveLength(1);
  for (const item of refused) expect(await w.status(item)).toBe('updating');

  w.emulator.setRole('OPS', 15);
  for (const item of refused) await w.settled(item, 'done');
  for (const item of refused) expect(w.ownComments(item)).toHaveLength(1);
  expect(await stopsOf(w)).toEqual([]);
});

test('a project for which nothing waits any more is stopped no longer', async () => {
  await using w = await writerFixture();
  const other = w.emulator.createProject({ identifier: 'OPS', botRole: null });
  const item = await w.writeBack('Fixed it', other);
  await stopped(w, other.id);
  await w.core.change({ type: 'person.cancelled', ticketId: item.key, by });
  await eventually(() => stopsOf(w)).toEqual([]);
});

test('with an empty budget no further write begins until there is room: none uses up the looks of others', async () => {
  await using w = await writerFixture({ config: { plane: { requests_per_minute: 10, budget_window_seconds: 3 } } });
  const items = await times(6, () => w.writeBack());
  for (const item of items) await w.settled(item, 'done');
  for (const item of items) expect(w.ownComments(item)).toHaveLength(1);
  expect(w.emulator.countRequests({ method: 'GET' })).toBeLessThan(4 * items.length);
}, 60_000);
