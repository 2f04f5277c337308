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
  await using p = await lookFixture({ config: { plane: { poll_interval: 3_600, poll_interval_relaxed: 7_200 } } });
  const interval = async () => (await p.core.queues.get('plane-read').getJobSchedulers()).map(({ every }) => every);
  expect(await interval()).toEqual([3_600_000]);
  await p.webhooks.noteDelivery('delivery', null);
  await eventually(interval).toEqual([7_200_000]);
  const { client, keys } = p.core.redis;
  await client.hset(keys.webhooks, 'missed', 3);
  await eventually(interval).toEqual([3_600_000]);
});
