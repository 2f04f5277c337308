import { pause } from '@pco/shared/time';

/** Looks again and again until there is something to see. */
export async function until<Value>(
  what: string,
  look: () => Promise<Value | undefined>,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
): Promise<Value> {
  for (const end = performance.now() + timeoutMs; ; await pause(100, signal)) {
    signal?.throwIfAborted();
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs / 1_000} s in vain for ${what}`);
  }
}
