import { throttled } from './refusal.ts';
import type { Settings } from './settings.ts';

/** Sliding-window log per key: refused requests are not written down, so hammering does not lengthen the wait. */
export interface Throttle {
  /** Counts the request and gives the headers of the answer, or throws the 429. */
  admit(key: string): Record<string, string>;
}

export function createThrottle(settings: Settings, nowMs: () => number = Date.now): Throttle {
  const seen = new Map<string, number[]>();
  return {
    admit(key) {
      if (!settings.rateLimit) return {};
      const { limit, windowMs } = settings.rateLimit;
      const now = nowMs();
      const sends = (seen.get(key) ?? []).filter((at) => at > now - windowMs);
      seen.set(key, sends);
      const oldest = sends[0];
      if (oldest !== undefined && sends.length >= limit) {
        throw throttled(Math.max(1, Math.ceil((oldest + windowMs - now) / 1_000)));
      }
      sends.push(now);
      return {
        'x-ratelimit-remaining': String(limit - sends.length),
        'x-ratelimit-reset': String(Math.floor((now + windowMs) / 1_000)),
      };
    },
  };
}
