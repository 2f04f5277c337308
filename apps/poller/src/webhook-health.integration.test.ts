import { eventually } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { type LookFixture, lookFixture } from './testing/look-fixture.ts';

/** Every change that a poll found and no delivery has told of is overdue now. */
async function graceIsOver({ core: { redis } }: LookFixture): Promise<void> {
  const { client, keys } = redis;
  for (const item of await client.zrange(keys.webhooksOwed, '0', '-1'))
    await client.zincrby(keys.webhooksOwed, -11_000, item);
}

const missed = async (p: LookFixture): Promise<number> => (await p.webhooks.facts()).missed;

test('changes that polls find first and no delivery tells of are an alarm, once; a delivery ends it', async () => {
  await using p = await lookFixture();
  for (const count of [1, 2, 3, 4]) {
    p.newItem(`item ${count}`);
    await p.poll();
    await graceIsOver(p);
    await p.poll();
    expect(await missed(p)).toBe(count);
    expect(p.lines('webhooks.unhealthy')).toHaveLength(count < 3 ? 0 : 1);
  }
  expect(p.lines('webhooks.unhealthy')[0]).toMatch(/"level":"error".*Workspace settings/);
  await p.webhooks.noteDelivery('delivery', null);
  expect(await missed(p)).toBe(0);
});

test('many changes at once count once: Plane closes old work items at night without a webhook', async () => {
  await using p = await lookFixture();
  for (let i = 0; i < 10; i += 1) p.newItem(`item ${i}`);
  await p.poll();
  await graceIsOver(p);
  await p.poll();
  expect(await missed(p)).toBe(1);
});

test('what is told in time, what we did ourselves, and what fires no webhook is not missed', async () => {
  await using p = await lookFixture();
  const told = p.newItem('told');
  await p.poll();
  await p.webhooks.noteDelivery('late', told.id);
  await p.poll(); // the bump that follows a change is none of its own
  p.emulator.comment(told.id, { html: '<p>ours</p>', by: 'orchestrator-bot' });
  await eventually(async () => {
    const before = p.emulator.requests().length;
    await p.poll();
    return p.emulator.requests().length - before;
  }).toBe(1);
  await graceIsOver(p);
  await p.poll();
  expect(await missed(p)).toBe(0);
});

test('without a secret nothing is expected, and nothing kept', async () => {
  await using p = await lookFixture({ config: { webhooks: { secrets: [] } } });
  p.newItem();
  await p.poll();
  const { client, keys } = p.core.redis;
  expect(await client.exists(keys.webhooksOwed, keys.webhooks, keys.webhooksPolled)).toBe(0);
});

test('healthy webhooks relax the interval; when they stop it is the fast one again', async () => {
  const other = '77778888-9999-4aaa-8bbb-ccccddddeeee';
  await using p = await lookFixture({
    config: { plane: { poll_interval: 1_800, poll_interval_relaxed: 7_200 }, projects: { [other]: {} } },
  });
  const { client, keys } = p.core.redis;
  const begunAt = async (id: string) => Number(await client.zscore(keys.polls, id));
  await eventually(() => begunAt(other)).toBeGreaterThan(0);
  await p.webhooks.noteDelivery('delivery', null);
  const now = await begunAt(p.projectId);
  await client.zadd(keys.polls, now - 3_600_000, p.projectId, now - 8_000_000, other);
  await eventually(() => begunAt(other)).toBeGreaterThanOrEqual(now); // it was decided about both
  expect(await begunAt(p.projectId)).toBe(now - 3_600_000);
  await client.hset(keys.webhooks, 'missed', 3);
  await eventually(() => begunAt(p.projectId)).toBeGreaterThanOrEqual(now);
});
