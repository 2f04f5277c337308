export { type AuditEntry, type AuditStore, createAuditStore } from './audit-store.ts';
export {
  BUDGET_CLASSES,
  type BudgetClass,
  type BudgetLimits,
  type BudgetStore,
  createBudgetStore,
} from './budget-store.ts';
export { blockingClient, duplicateToFail, mastersOf, onCut, type RedisClient } from './client.ts';
export { checkServer, connectRedis, pingRedis, type RedisHandle, stopWaiting } from './connect.ts';
export { type CounterStore, createCounterStore } from './counter-store.ts';
export {
  comparePositions,
  createEventStream,
  EVENTS_MAX,
  type EventStream,
  isPosition,
  STREAM_START,
  type StreamEntry,
} from './event-stream.ts';
export { wasEverApproved } from './ever-approved.ts';
export {
  createHistoryStore,
  HistoryPoint,
  type HistoryStore,
  minuteOf,
} from './history-store.ts';
export { readInstallation } from './installation.ts';
export { createKeys, type Keys, queuePrefix } from './keys.ts';
export { createLeaseStore, type HeldLease, type LeaseStore } from './lease-store.ts';
export { createLoginStore, type Login, type LoginStore } from './login-store.ts';
export { redisNow } from './now.ts';
export { noReplicas, type Replicas } from './replicas.ts';
export { createRunnerStore, Heartbeat, type Measured, type RunnerRecord, type RunnerStore } from './runner-store.ts';
export { loadScript } from './script.ts';
export { readSentinels, type SentinelFacts } from './sentinels.ts';
export { infoField, readMasters, readServers, type ServerFacts } from './servers.ts';
export {
  consumersOf,
  countKeys,
  dropKeys,
  holdsKeys,
  loadSnapshot,
  type Snapshot,
  type SnapshotKey,
  takeSnapshot,
} from './snapshot.ts';
export { keyOfPlace, namesRedis, placeOf, type RedisSettings, replicasToWaitFor } from './target.ts';
export {
  createTerminalTicketStore,
  TerminalGrant,
  type TerminalTicketStore,
} from './terminal-ticket-store.ts';
export { createTicketReader, type StoredTicket, type TicketReader } from './ticket-reader.ts';
export { type Commit, createTicketStore, type LoadedNow, readOutboxItem, type TicketStore } from './ticket-store.ts';
export { createTokenStore, isExpired, isSameHash, type StoredToken, sha256, type TokenStore } from './token-store.ts';
export { createWaitStore, type EffectWait, type WaitStore } from './wait-store.ts';
export { createWebhookStore, type WebhookStore } from './webhook-store.ts';
export { createWriteStopStore, EVERYWHERE, type WriteStop, type WriteStopStore } from './write-stop-store.ts';
