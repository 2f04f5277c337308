import { redisFixture, redisUrl, silentLog, testConfig } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { startPlaneWriter } from './service.ts';

test('the writer says that it can work, and has the metrics of its calls to Plane', async () => {
  await using redis = await redisFixture();
  const config = { ...testConfig(), redis: { url: await redisUrl(), prefix: redis.prefix } };
  await using writer = await startPlaneWriter(config, silentLog);
  expect((await fetch(`${writer.url}/livez`)).status).toBe(200);
  expect((await fetch(`${writer.url}/readyz`)).status).toBe(200);
  const text = await (await fetch(`${writer.url}/metrics`)).text();
  for (const name of ['plane_api_calls_total', 'plane_api_retry_total', 'outbox_items_swept_total'])
    expect(text).toContain(`# TYPE ${name} counter`);
  expect(text).toContain('# TYPE queue_job_duration_seconds histogram');
});
