import { readConfig } from '@pco/shared/config';
import {
  CompletionQueue,
  Notify,
  PlaneWrite,
  type QueueContract,
  RunnerQueue,
  SessionQueue,
} from '@pco/shared/contracts';
import { createEffectHandle, type EffectHandler, openCore } from '@pco/shared/engine';
import { createLogger } from '@pco/shared/log';
import { createConsumer } from '@pco/shared/queue';
import { queuePrefix } from '@pco/shared/redis';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { BARE_PREFIX, BARE_QUEUE, type HopReport, nowUs, stampedApply } from '../hop-stamps.ts';

// The consuming side of the hop measurement: the real consumers and the real engine with handlers that only say when
// they began, and beside them a bare BullMQ worker.
const config = readConfig({ env: process.env, argv: [], cwd: process.cwd() });
const log = createLogger('hop-consumer', 'silent');
const core = await openCore(config, log, 'wait');
const tell = (report: HopReport) => void process.send?.(report);
const apply = stampedApply(core, log, tell);

const handler: EffectHandler = async ({ ticket, effectId, effect, readAt }) => {
  tell({ begun: effectId, at: nowUs(), type: effect.type });
  if (effect.type !== 'session.assign') return {};
  const { id, cid } = ticket;
  const claim = { effectId, runner: 'bench', capacity: 1_000, tokenHash: 'none' };
  await apply({ id: `claim-${effectId}`, type: 'slot.claimed', ticketId: id, cid, ...claim }, { readAt });
  return undefined;
};
const consume = (
  contract: QueueContract<typeof RunnerQueue.schema>,
  queue: string,
  concurrency: number,
  types: readonly string[],
) => {
  const handlers = Object.fromEntries(types.map((type) => [type, handler]));
  const handle = createEffectHandle({ store: core.store, apply, handlers });
  const { redis, timing, metrics } = core;
  createConsumer({ contract, queue, redis, concurrency, timing, log, metrics, handle });
};
consume(SessionQueue, 'session.default', 1, ['session.assign']);
consume(RunnerQueue, 'runner.bench', 4, ['session.start', 'session.stop']);
consume(CompletionQueue, 'completion.bench', 2, ['completion.collect']);
consume(PlaneWrite, 'plane-write', 10, ['plane.comment', 'plane.state']);
consume(Notify, 'notify', 5, ['notify']);

const bare = new Worker(BARE_QUEUE, async (job) => tell({ begun: job.id ?? '', at: nowUs(), type: 'bare' }), {
  connection: new Redis(config.redis.url ?? '', { maxRetriesPerRequest: null }),
  prefix: queuePrefix(BARE_PREFIX, BARE_QUEUE),
  concurrency: 5,
});
await bare.waitUntilReady();
process.on('SIGTERM', () => process.exit(0));
process.send?.('ready');
