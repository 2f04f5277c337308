import { expect, test } from 'vitest';
import { z } from 'zod';
import { Notify } from '../contracts/index.ts';
import { createConsumer } from '../queue/index.ts';
import {
  coreFixture,
  eventually,
  payload,
  silentLog,
  startRedisServer,
  testConfig,
  trigger,
} from '../testing/index.ts';
import { openCore } from './core.ts';

test('a core without a Redis address says which key is missing', async () => {
  await expect(openCore(testConfig(), silentLog, 'wait')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('redis.url'),
  });
});

test('a core goes on where it was when Redis comes back', async () => {
  await using server = await startRedisServer();
  await using core = await coreFixture(testConfig({ redis: { url: server.url } }));
  await core.change(trigger());
  await server.kill();
  await server.start(); // empty: memory only
  await eventually(async () => (await core.store.load('ACME-16')).ticket).toBeNull();
  expect((await core.change(trigger())).version).toBe(1);
});

test('a core and what consumes on it stop at once while Redis is away', async () => {
  await using server = await startRedisServer();
  const core = await openCore(testConfig({ redis: { url: server.url } }), silentLog, 'wait');
  const { redis, timing, metrics } = core;
  const consumer = createConsumer({
    contract: Notify,
    queue: 'notify',
    redis,
    concurrency: 1,
    timing,
    log: silentLog,
    metrics,
    handle: () => new Promise(() => undefined), // in the middle of its work
  });
  await core.queues.add('notify', 'notify', payload('ACME-16-v1-1'), { jobId: 'ACME-16-v1-1' });
  await eventually(async () => (await core.queues.state('notify', 'ACME-16-v1-1')).state).toBe('active');
  await core.queues.get('notify').count();
  await server.kill();
  const asked = () => z.object({ length: z.number() }).parse(Reflect.get(core.redis.client, 'offlineQueue')).length;
  await eventually(asked).toBeGreaterThan(0); // its sweep waits for an answer
  const started = performance.now();
  await consumer[Symbol.asyncDispose]();
  await core[Symbol.asyncDispose]();
  expect(performance.now() - started).toBeLessThan(5_000);
});
