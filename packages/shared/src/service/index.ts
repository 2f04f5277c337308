export { addProbes, createHttp, isLoopback, listen, type Readiness } from './http.ts';
export { lockDataDir } from './lock-file.ts';
export { type ProcessLike, runService, type Start, stopWithGrace } from './run.ts';
export { closeReason, closeSockets, keepAlive } from './sockets.ts';
