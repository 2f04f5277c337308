import { setFlagsFromString } from 'node:v8';

/** So much more than what lives in it may the heap be before V8 looks for what is dead. */
const GROWTH_PERCENT = 30;

/**
 * V8 lets a heap that it has just cleaned grow to several times its size, which is quick while there is little in it. The
 * api keeps every ticket: at tens of thousands most of its memory would be dead.
 */
export const boundHeap = (): void => setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
