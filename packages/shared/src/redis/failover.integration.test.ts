import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunnerQueue, SessionQueue } from '../contracts/index.ts';
import { createConsumer } from '../queue/index.ts';
import {
  by,
  type CoreFixture,
  coreFixture,
  eventually,
  payload,
  type RedisPlace,
  silentLog,
  startClusterPlace,
  startSentinelPlace,
  testConfig,
  trigger,
} from '../testing/index.ts';
import { pause } from '../time.ts';
import { readSentinels } from './index.ts';

/** Brings and approves one ticket after the other until told to stop. @returns what was answered, by ticket */
async function approveOn(core: CoreFixture, signal: AbortSignal): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  for (let i = 1; !signal.aborted; i += 1) {
    const ticketId = `ACME-${i}`;
    await core.tell({ ...trigger(), ticketId });
    told.set(ticketId, (await core.tell({ type: 'person.approved', by, ticketId })).kind);
    await pause(BREATH_MS);
  }
  return told;
}

/** A hundred tickets a second leave the machine to others. */
const BREATH_MS = 10;
/** Longer than a worker waits for jobs at once: meanwhile each has begun to connect anew. */
const OUTAGE_MS = 8_000;

describe.each([
  ['sentinels', startSentinelPlace],
  ['a cluster', () => startClusterPlace()],
  ['a cluster with two replicas for each master', () => startClusterPlace(2)],
])('behind %s', (where, startPlace) => {
  let place: RedisPlace;
  beforeAll(async () => {
    place = await startPlace();
  }, 120_000);
  afterAll(() => place?.[Symbol.asyncDispose]());

  test.runIf(where === 'sentinels')('each sentinel says whether another master would be chosen', async () => {
    const settings = { ...place.settings, prefix: 'any' };
    const right = await readSentinels(settings);
    const able = { quorum: expect.stringMatching(/^OK 3 usable/) };
    expect(right).toEqual(Array(3).fill({ address: expect.any(String), ...able }));
    const [wrong] = await readSentinels({ ...settings, sentinel_master: 'nobody' });
    expect(wrong?.quorum).toMatch(/No such master/);
    const [refused] = await readSentinels({ ...settings, sentinel_password: 'wrong' });
    expect(refused).toMatchObject({ quorum: null, why: expect.stringContaining('WRONGPASS') });
  });

  test('the master dies under commits and jobs: what was answered is kept, and each job is done', {
    timeout: 120_000,
  }, async () => {
    await using core = await coreFixture(testConfig({ redis: place.settings }));
    const { redis, timing, metrics } = core;
    const begun: string[] = [];
    await using _consumer = createConsumer({
      contract: SessionQueue,
      queue: 'session.default',
      concurrency: 1,
      log: silentLog,
      handle: async ({ ticketId }) => void begun.push(ticketId),
      ...{ redis, timing, metrics },
    });
    const enough = new AbortController();
    const approving = approveOn(core, enough.signal);
    await eventually(() => begun.length).toBeGreaterThan(2);
    await place.killMaster(redis.keys.outbox);
    await place.revive();
    const after = begun.length;
    await eventually(() => begun.length).toBeGreaterThan(after);
    enough.abort();
    const told = await approving;
    const others = [...told].filter(([, kind]) => kind !== 'changed' && kind !== 'ignored');
    expect(others, 'answers of another kind').toEqual([]);
    expect((await core.store.counts()).approved, 'tickets that are approved').toBe(told.size);
    await eventually(() => [...new Set(begun)].sort()).toEqual([...told.keys()].sort());
  });

  // a host that was busy or asleep for a moment: its master goes on to take commits, and the other replica confirms them
  test('a master that only hung for a moment was replaced: what it was told before it knew is kept', {
    timeout: 120_000,
  }, async () => {
    await using core = await coreFixture(testConfig({ redis: place.settings }));
    const enough = new AbortController();
    const approving = approveOn(core, enough.signal);
    await eventually(async () => (await core.store.counts()).approved).toBeGreaterThan(2);
    await place.stallMaster(core.redis.keys.outbox);
    const before = (await core.store.counts()).approved;
    await eventually(async () => (await core.store.counts()).approved).toBeGreaterThan(before);
    enough.abort();
    const told = await approving;
    expect((await core.store.counts()).approved, 'tickets that are approved').toBe(told.size);
  });
});

test('a replica that dies is waited for until the sentinels give it up', { timeout: 120_000 }, async () => {
  await using place = await startSentinelPlace();
  await using core = await coreFixture(testConfig({ redis: place.settings }));
  const enough = new AbortController();
  const approving = approveOn(core, enough.signal);
  await eventually(async () => (await core.store.counts()).approved).toBeGreaterThan(2);
  await place.killReplica();
  const before = (await core.store.counts()).approved;
  await eventually(async () => (await core.store.counts()).approved).toBeGreaterThan(before + 2);
  enough.abort();
  const told = await approving;
  expect((await core.store.counts()).approved, 'tickets that are approved').toBe(told.size);
});

test('a cluster without the masters of some keys for a while: every worker takes jobs again', {
  timeout: 120_000,
}, async () => {
  await using place = await startClusterPlace();
  await using core = await coreFixture(testConfig({ redis: place.settings }));
  const { redis, timing, metrics, queues } = core;
  const names = Array.from({ length: 12 }, (_, i) => `runner.runner-${i}`); // each on a master of its own choice
  const done = new Set<string>();
  await using stack = new AsyncDisposableStack();
  for (const queue of names)
    stack.use(
      createConsumer({
        ...{ contract: RunnerQueue, queue, concurrency: 1, log: silentLog, redis, timing, metrics },
        handle: async ({ effectId }) => void done.add(`${queue} ${effectId}`),
      }),
    );
  const addAll = (effectId: string) =>
    Promise.all(names.map((name) => queues.add(name, 'session.start', payload(effectId), { jobId: effectId })));
  await addAll('ACME-16-v1-1');
  await eventually(() => done.size).toBe(names.length);
  const shard = place.servers.filter((_, i) => i % 3 === 0); // a master and its replica
  await Promise.all(shard.map((server) => server.kill()));
  await pause(OUTAGE_MS);
  await Promise.all(shard.map((server) => server.start()));
  await addAll('ACME-16-v1-2');
  await eventually(() => done.size).toBe(2 * names.length);
});
