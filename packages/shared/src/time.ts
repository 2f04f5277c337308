/** Durations in milliseconds unless the name says otherwise. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const DAY_SECONDS = 24 * 60 * 60;

/** ISO 8601 in UTC with `Z`, the only form of a time that leaves the system (B-010). */
export const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** A period stretched or shrunk by up to `share`, so that replicas do not beat in step. */
export const jittered = (periodMs: number, share: number, random: () => number = Math.random): number =>
  Math.round(periodMs * (1 - share + 2 * share * random()));

/** Waits, or returns early without an error when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
