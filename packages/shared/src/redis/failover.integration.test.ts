import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SessionQueue } from '../contracts/index.ts';
import { createConsumer } from '../queue/index.ts';
import {
  by,
  type CoreFixture,
  coreFixture,
  eventually,
  type RedisPlace,
  silentLog,
  startClusterPlace,
  startSentinelPlace,
  testConfig,
  trigger,
} from '../testing/index.ts';
import { pause } from '../time.ts';

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

describe.each([
  ['sentinels', startSentinelPlace],
  ['a cluster', startClusterPlace],
])('behind %s', (_, startPlace) => {
  let place: RedisPlace;
  beforeAll(async () => {
    place = await startPlace();
  }, 120_000);
  afterAll(() => place?.[Symbol.asyncDispose]());

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
});
