import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { SessionQueue } from '../contracts/index.ts';
import { createConsumer, Later } from '../queue/index.ts';
import {
  by,
  coreFixture,
  eventually,
  RUNNER,
  silentLog,
  startRedisServer,
  TICKET_ID,
  testConfig,
  trigger,
} from '../testing/index.ts';
import { createBudgetStore, createLeaseStore, loadScript } from './index.ts';

/** A cluster of one node has every slot, so it moves nobody; but it refuses any script or command across two slots. */
async function clusterNode() {
  const dir = await mkdtemp(join(tmpdir(), 'pco-cluster-'));
  const server = await startRedisServer([
    '--dir',
    dir,
    '--cluster-enabled',
    'yes',
    '--cluster-config-file',
    'nodes.conf',
    '--cluster-announce-ip',
    '127.0.0.1', // it meets nobody who could tell it
  ]);
  const client = new Redis(server.url);
  await client.cluster('ADDSLOTSRANGE', 0, 16_383);
  await eventually(() => client.cluster('INFO')).toContain('cluster_state:ok');
  await expect(client.mset('a', '1', 'b', '2')).rejects.toThrow('CROSSSLOT'); // this node does mind
  client.disconnect();
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

test('every script and every queue keeps to one hash slot per call', async () => {
  await using server = await clusterNode();
  await using core = await coreFixture(testConfig({ redis: { url: server.url } }));
  const { redis, store, queues } = core;

  await core.change(trigger());
  await core.change({ type: 'person.approved', by });
  const claimed: string[] = [];
  await using _consumer = createConsumer({
    contract: SessionQueue,
    queue: 'session.default',
    redis,
    concurrency: 1,
    timing: core.timing,
    log: silentLog,
    metrics: core.metrics,
    async handle({ effectId }, { isRepeat }) {
      if (!isRepeat) throw new Later(1);
      claimed.push(effectId);
    },
  });
  const effectId = await core.openId('session.assign');
  await eventually(() => claimed).toEqual([effectId]);
  await eventually(async () => (await queues.state('session.default', effectId)).state).toBe('completed');
  await queues.remove('session.default', effectId);
  await core.change({ type: 'slot.claimed', effectId, runner: RUNNER, capacity: 1, tokenHash: 'hash' });
  await core.change({ type: 'person.cancelled', by });
  await core.change({ type: 'effect.done', effectId: await core.openId('session.stop'), result: {} });
  await queues.schedule('plane-read', 'poll-p', 3_600_000, { projectId: 'p' });
  await queues.unschedule('plane-read', new Set());

  await store.takeDue(10, 1);
  await store.postpone(1, 'ACME-1-v1-1');
  await store.setAside('ACME-1-v1-1', 'x');
  expect(await store.purge(await store.load(TICKET_ID))).toBe(true);
  const budget = createBudgetStore(redis.client, redis.keys, 'token', { requests: 50, windowMs: 60_000 });
  await budget.take('poll');
  await budget.blockFor(1);
  const lease = await createLeaseStore(redis.client, redis.keys).hold('poll-p', 'me', 30_000);
  const saveCursor = loadScript('save-cursor.lua', z.number());
  const at = [redis.keys.lease('poll-p'), redis.keys.cursor('p'), redis.keys.snapshot('p')];
  expect(await saveCursor(redis.client, at, [lease?.token() ?? '', 1, 'total', 1, 'item', '{}'])).toBe(1);
  await lease?.[Symbol.asyncDispose]();
});
