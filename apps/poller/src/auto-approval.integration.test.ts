import { silentLog } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { startPoller } from './service.ts';
import { lookFixture } from './testing/look-fixture.ts';

const NOW = { bumpDelayMs: 0 };
const LOW = { auto_approve: { priority_at_most: 'medium' as const, per_day: 3 } };

const make = (p: Awaited<ReturnType<typeof lookFixture>>, priority: 'low' | 'urgent', count = 1) =>
  Array.from({ length: count }, (_, i) =>
    p.emulator.createItem({ project: 'ACME', name: `${priority} ${i}`, state: 'Todo', priority }),
  );

test('what the rule allows starts without a person, up to the limit of the day; the rest waits', async () => {
  await using p = await lookFixture({ settings: NOW, config: LOW });
  await using _second = await startPoller(p.config, silentLog);
  const [urgent] = make(p, 'urgent');
  const low = make(p, 'low', 5);
  await p.poll();
  expect(await p.status(urgent?.key ?? '')).toBe('pending');
  expect(await Promise.all(low.map(({ key }) => p.status(key)))).toEqual([
    ...['approved', 'approved', 'approved'],
    ...['pending', 'pending'],
  ]);
  expect((await p.core.ticket(low[0]?.key)).approvedBy).toBe('policy');
});

test('a repetition after a crash is not counted twice, and what began no round is given back', async () => {
  await using p = await lookFixture({ settings: NOW, config: LOW });
  const { client, keys } = p.core.redis;
  const [first] = make(p, 'low');
  await p.poll();
  const { key = '', id = '' } = first ?? {};
  expect(await p.status(key)).toBe('approved');
  await client.hdel(keys.snapshot(p.projectId), id); // it died before it remembered
  await p.poll();
  expect(await client.zcard(keys.approvals('all'))).toBe(1);
  p.emulator.comment(id, { html: '<p>more</p>' });
  await p.poll();
  expect(await client.zcard(keys.approvals('all'))).toBe(1);
  expect(await p.status(key)).toBe('approved');
});

test('a project counts by its own rule, or has none', async () => {
  const projects = { ACME: { auto_approve: false as const } };
  await using none = await lookFixture({ settings: NOW, config: { ...LOW, projects } });
  const [held] = make(none, 'low');
  await none.poll();
  expect(await none.status(held?.key ?? '')).toBe('pending');
  const own = { ACME: { auto_approve: { per_day: 1 } } };
  await using p = await lookFixture({ settings: NOW, config: { ...LOW, projects: own } });
  const two = make(p, 'urgent', 2);
  await p.poll();
  expect(await Promise.all(two.map(({ key }) => p.status(key)))).toEqual(['approved', 'pending']);
  expect(await p.core.redis.client.zcard(p.core.redis.keys.approvals(p.projectId))).toBe(1);
});

test('yesterday does not count', async () => {
  await using p = await lookFixture({ settings: NOW, config: LOW });
  const { client, keys } = p.core.redis;
  await client.zadd(keys.approvals('all'), 1, 'a', 2, 'b', 3, 'c');
  const [low] = make(p, 'low');
  await p.poll();
  expect(await p.status(low?.key ?? '')).toBe('approved');
});
