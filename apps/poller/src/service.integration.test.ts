import { createQueues } from '@pco/shared/queue';
import { eventually, PROJECT_ID, redisFixture, redisUrl, silentLog, testConfig } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { startPoller } from './service.ts';

/** A poller whose Plane does not answer. */
async function poller(overrides: Parameters<typeof testConfig>[0] = {}) {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await redisFixture());
  const config = { ...testConfig(overrides), redis: { url: await redisUrl(), prefix: redis.prefix } };
  const service = stack.use(await startPoller(config, silentLog));
  const queues = stack.use(createQueues(redis));
  const opened = stack.move();
  return {
    redis,
    config,
    url: service.url,
    polled: () => redis.client.zrange(redis.keys.polls, '0', '-1'),
    queues,
    metrics: async () => (await fetch(`${service.url}/metrics`)).text(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

test('a Plane that does not answer shows in health and metrics, and stops nothing', async () => {
  await using p = await poller();
  const health = () => p.redis.client.hgetall(p.redis.keys.pollHealth(PROJECT_ID));
  await eventually(async () => (await health()).failures).toBeDefined();
  expect((await health()).error).toMatch(/Plane did not answer/);
  await eventually(p.metrics).toMatch(/poller_ticks_total\{outcome="failed"\} [1-9]/);
  const counted = async () => Object.keys(await p.redis.client.hgetall(p.redis.keys.counters));
  await eventually(counted).toContainEqual(expect.stringMatching(/^plane_api_calls_total \w+ error$/));
  await eventually(counted).toContainEqual(expect.stringMatching(/^plane_api_retry_total \w+$/));
  expect((await fetch(`${p.url}/readyz`)).status).toBe(200);
});

test('every project is polled, however many pollers there are; others are not any more', async () => {
  await using p = await poller();
  await p.queues.schedule('plane-read', 'poll-of-old', 3_600_000, { projectId: 'old' });
  await using _second = await startPoller(p.config, silentLog);
  await eventually(p.polled).toEqual([PROJECT_ID]);
  await eventually(() => p.queues.get('plane-read').getJobSchedulers()).toEqual([]);
  const other = PROJECT_ID.replace('6029', '7777');
  const config = { ...p.config, plane: { ...p.config.plane, project_ids: [other] } };
  await using _third = await startPoller(config, silentLog);
  await eventually(() => p.redis.client.smembers(p.redis.keys.projects)).toEqual([other]);
  await eventually(p.polled).toContain(other);
});

test('projects named by UUID are watched while Plane cannot say what the others are', async () => {
  await using p = await poller({ projects: { ACME: {} } });
  await eventually(p.polled).toEqual([PROJECT_ID]);
  expect((await fetch(`${p.url}/readyz`)).status).toBe(200);
  const health = () => p.redis.client.hgetall(p.redis.keys.pollHealth('ACME'));
  await eventually(async () => (await health()).error).toMatch(/Plane did not answer.*plane\.api_url/);
  expect(await p.redis.client.smembers(p.redis.keys.projects)).toContain('ACME');
});
