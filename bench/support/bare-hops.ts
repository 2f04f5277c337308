import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createQueues } from '@pco/shared/queue';
import { createKeys } from '@pco/shared/redis';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { BARE_PREFIX, BARE_QUEUE, type HopReport, nowUs } from '../hop-stamps.ts';
import { nextMessage, startChild } from './child.ts';
import type { LoopStack } from './loop-stack.ts';

const GAP_MS = 4;

/** A bare BullMQ worker in a process of its own, on the same Redis. */
export async function startBareHops({ dir, redisUrl, config }: LoopStack) {
  await using stack = new AsyncDisposableStack();
  const file = join(dir, 'bare.yaml');
  const { api_url, api_token, workspace_slug, project_ids } = config.plane;
  const plane = { api_url, api_token, workspace_slug, project_ids };
  writeFileSync(file, stringify({ plane, redis: { url: redisUrl, prefix: 'hops' }, data_dir: join(dir, 'bare') }));
  const env = { ...process.env, PCO_CONFIG: file };
  const script = 'bench/programs/hop-consumer.ts';
  const consumer = stack.use(startChild({ name: 'bare-hops', script, env, logFile: join(dir, 'bare-hops.log') }));
  await nextMessage(consumer);
  const begun = new Map<string, (us: number) => void>();
  consumer.process.on('message', (message) => {
    const report = message as HopReport; // our own program
    if ('begun' in report) begun.get(report.begun)?.(report.at);
  });
  const client = new Redis(redisUrl, { maxRetriesPerRequest: null });
  stack.defer(() => client.disconnect());
  const handle = { client, keys: createKeys(BARE_PREFIX), prefix: BARE_PREFIX, [Symbol.asyncDispose]: async () => {} };
  const queue = stack.use(createQueues(handle)).get(BARE_QUEUE);
  let count = 0;
  const opened = stack.move();
  return {
    /** From calling `Queue.add` to the begin of the worker, in µs. */
    async hop(): Promise<number> {
      count += 1;
      const jobId = `bare-${count}`;
      const at = new Promise<number>((resolve) => begun.set(jobId, resolve));
      const from = nowUs();
      await queue.add('bare', { n: count }, { jobId });
      const us = (await at) - from;
      begun.delete(jobId);
      await new Promise((resolve) => setTimeout(resolve, GAP_MS));
      return us;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
