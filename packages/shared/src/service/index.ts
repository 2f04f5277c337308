export { addConfigMetrics } from './config-metrics.ts';
export { addHealth, configHealth, HEALTH_CODES, type HealthCode, type HealthReason } from './health.ts';
export { addProbes, createHttp, isLoopback, listen, type Readiness } from './http.ts';
export { lockDataDir } from './lock-file.ts';
export { type ProcessLike, type Program, runProgram, runService, type Start } from './run.ts';
export { closeReason, closeSockets, keepAlive } from './sockets.ts';
