import { eventually, redisFixture, redisUrl, silentLog, testConfig } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { startPlaneWriter } from './service.ts';
import { writerFixture } from './testing/writer-fixture.ts';

test('the writer says that it can work, and has the metrics of its calls to Plane', async () => {
  await using redis = await redisFixture();
  const config = { ...testConfig(), redis: { url: await redisUrl(), prefix: redis.prefix } };
  await using writer = await startPlaneWriter(config, silentLog);
  expect((await fetch(`${writer.url}/livez`)).status).toBe(200);
  expect((await fetch(`${writer.url}/readyz`)).status).toBe(200);
  const text = await (await fetch(`${writer.url}/metrics`)).text();
  expect(text).toContain('# TYPE outbox_items_swept_total counter');
  for (const name of ['queue_job_duration_seconds', 'plane_call_duration_seconds', 'plane_budget_wait_seconds'])
    expect(text).toContain(`# TYPE ${name} histogram`);
});

test('what was waited for the budget, what Plane refused, and every call are counted', async () => {
  await using f = await writerFixture({ config: { plane: { requests_per_minute: 1_000 } } });
  f.emulator.fault({ kind: 'rate-limit', retryAfterSeconds: 0, method: 'POST' });
  await f.settled(await f.writeBack(), 'done');
  const text = await f.metrics();
  const calls = async () => [...(await f.core.counters.all())];
  await eventually(calls).toContainEqual([expect.stringMatching(/^plane_api_calls_total add_comment 201$/), 1]);
  await eventually(calls).toContainEqual([expect.stringMatching(/^plane_api_calls_total add_comment 429$/), 1]);
  expect(text).toContain('plane_rate_limited_total{class="write"} 1');
  expect(text).toMatch(/plane_budget_wait_seconds_count\{class="write"\} [1-9]/);
});
