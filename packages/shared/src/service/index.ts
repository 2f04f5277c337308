export { addProbes, createHttp, isLoopback, listen, type Readiness } from './http.ts';
export { type ProcessLike, runService, type Start, stopWithGrace } from './run.ts';
