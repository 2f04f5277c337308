import { expect, test } from 'vitest';
import { SessionQueue } from '../contracts/index.ts';
import { createQueueMetrics, Registry } from '../metrics.ts';
import { createConsumer } from '../queue/index.ts';
import {
  dump,
  eventually,
  redisFixture,
  silentLog,
  startClusterPlace,
  startRedisServer,
  storeFixture,
  trigger,
} from '../testing/index.ts';
import { consumersOf, dropKeys, holdsKeys, loadSnapshot, type SnapshotKey, takeSnapshot } from './index.ts';

// Servers of their own: a snapshot lets all writers of its Redis wait.

const PAUSE_MS = 20_000; // as long as a busy machine may take

test('a snapshot that is loaded elsewhere is what was there, to the last key', async () => {
  await using server = await startRedisServer();
  await using elsewhere = await startRedisServer();
  await using from = await storeFixture({ url: server.url });
  const { client, prefix } = from.redis;
  for (let i = 1; i <= 30; i += 1) await from.commit({ ...trigger(), ticketId: `ACME-${i}` });
  await client.set(`{${prefix}:some-queue}:job`, Buffer.from([0, 255, 13, 10]));
  await client.set(`{${prefix}-other}:ticket`, 'of another installation');
  await client.set(`{${prefix}}:lease:x`, 'soon gone', 'PX', 1);
  await client.set(`{${prefix}}:login:y`, 'for a while', 'EX', 3_600);
  await eventually(() => client.exists(`{${prefix}}:lease:x`)).toBe(0);
  const kept: SnapshotKey[] = [];
  const taken = await takeSnapshot(client, prefix, PAUSE_MS, (key) => kept.push(key));
  expect(taken.keys).toBe(kept.length);
  expect(kept.some(({ key }) => key.includes('other'))).toBe(false);

  await using to = await redisFixture({ url: elsewhere.url, prefix });
  expect(await holdsKeys(to.client, prefix)).toBe(false);
  await loadSnapshot(to.client, kept);
  expect(await dump(to)).toEqual(await dump(from.redis));
  expect(await to.client.getBuffer(`{${prefix}:some-queue}:job`)).toEqual(Buffer.from([0, 255, 13, 10]));
  expect(await to.client.pttl(`{${prefix}}:login:y`)).toBeGreaterThan(3_500_000);
  await dropKeys(to.client, prefix);
  expect(await holdsKeys(to.client, prefix)).toBe(false);
  await client.del(`{${prefix}-other}:ticket`);
});

test('a snapshot is of one moment, however much is written meanwhile', async () => {
  await using server = await startRedisServer();
  await using busy = await storeFixture({ url: server.url });
  let count = 0;
  let isOver = false;
  const write = async () => {
    while (!isOver) await busy.commit({ ...trigger(), ticketId: `ACME-${++count}` });
  };
  const writers = [write(), write(), write(), write()];
  await eventually(() => count).toBeGreaterThan(1_500); // several rounds of the scan
  const kept: SnapshotKey[] = [];
  const { client, prefix, keys } = busy.redis;
  await using reader = await redisFixture({ url: server.url, prefix });
  await takeSnapshot(reader.client, prefix, PAUSE_MS, (key) => kept.push(key));
  isOver = true;
  await Promise.all(writers);

  await dropKeys(client, prefix);
  await loadSnapshot(client, kept);
  const tickets = kept.filter(({ key }) => key.startsWith(keys.ticket(''))).length;
  expect(tickets).toBeGreaterThan(1_000);
  expect(await client.xlen(keys.events)).toBe(tickets);
  expect(await client.zcard(keys.status('pending'))).toBe(tickets);
  expect(await client.hlen(keys.byWorkItem)).toBe(tickets);
});

test('a snapshot of a cluster has the keys of all masters, and goes into a single Redis', async () => {
  await using place = await startClusterPlace();
  await using server = await startRedisServer();
  const { cluster = [], password = '' } = place.settings;
  await using from = await redisFixture({ cluster, password });
  const { prefix } = from;
  const names = Array.from({ length: 50 }, (_, i) => `{${prefix}:queue-${i}}:job`); // each in a slot of its own
  for (const name of names) await from.client.set(name, name);
  const kept: SnapshotKey[] = [];
  await takeSnapshot(from.client, prefix, PAUSE_MS, (key) => kept.push(key));
  expect(kept.map(({ key }) => key).sort()).toEqual(names.toSorted());
  await using to = await redisFixture({ url: server.url, prefix });
  await loadSnapshot(to.client, kept);
  expect(await dump(to)).toEqual(Object.fromEntries(names.map((name) => [name, name])));
  await dropKeys(from.client, prefix);
  expect(await holdsKeys(from.client, prefix)).toBe(false);
  await loadSnapshot(from.client, kept);
  expect(await from.client.get(names[7] ?? '')).toBe(names[7]);
});

test('what takes too long is no snapshot, and writers go on', async () => {
  await using server = await startRedisServer();
  await using some = await storeFixture({ url: server.url });
  await some.commit(trigger());
  const { client, prefix } = some.redis;
  await expect(takeSnapshot(client, prefix, 0, () => {})).rejects.toMatchObject({ code: 'SNAPSHOT_TOO_SLOW' });
  await client.set('written', 'at once');
  expect(await client.get('written')).toBe('at once');
});

test('a Redis that does not understand a key says so', async () => {
  await using server = await startRedisServer();
  await using some = await redisFixture({ url: server.url });
  const foreign = { key: `{${some.prefix}}:x`, expiresAt: 0, dump: Buffer.from('of a later version') };
  await expect(loadSnapshot(some.client, [foreign])).rejects.toMatchObject({ code: 'SNAPSHOT_REFUSED' });
});

test('who takes jobs of an installation is seen', async () => {
  await using server = await startRedisServer();
  await using redis = await redisFixture({ url: server.url });
  const { client, prefix } = redis;
  expect(await consumersOf(client, prefix)).toEqual([]);
  await using _consumer = createConsumer({
    contract: SessionQueue,
    queue: 'session-default',
    redis,
    concurrency: 1,
    timing: { lockDurationMs: 5_000, stalledIntervalMs: 5_000 },
    log: silentLog,
    metrics: createQueueMetrics(new Registry()),
    handle: async () => {},
  });
  await eventually(() => consumersOf(client, prefix)).toEqual(['session-default']);
});
