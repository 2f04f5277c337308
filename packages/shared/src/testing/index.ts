export { API_TOKEN, PROJECT_ID, testConfig } from './config-fixture.ts';
export {
  by,
  type CoreFixture,
  coreFixture,
  RUNNER,
  TICKET_ID,
  type Told,
  trigger,
  workItem,
  wrapCore,
} from './core-fixture.ts';
export { cpuMs } from './cpu-ms.ts';
export { takeAndDie } from './dead-worker.ts';
export { freePort } from './free-port.ts';
export { payload, QUEUE, type QueueFixture, queueFixture } from './queue-fixture.ts';
export { startClusterPlace } from './redis-cluster.ts';
export { dump, eventually, keysOf, randomPrefix, redisFixture, redisUrl, silentLog } from './redis-fixture.ts';
export type { RedisPlace } from './redis-place.ts';
export { startSentinelPlace } from './redis-sentinel.ts';
export { hasProgram, type RedisServer, startRedisServer } from './redis-server.ts';
export { GRACE_MS, type StoreFixture, storeFixture, testPolicy } from './store-fixture.ts';
export { type FinishedItem, toUpdating } from './to-updating.ts';
