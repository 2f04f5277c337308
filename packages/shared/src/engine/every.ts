import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { jittered } from '../time.ts';

/** A loop that can also be told to run now. */
export interface Loop extends AsyncDisposable {
  /** Runs as soon as the present run, if any, has ended. */
  now(): void;
}

/**
 * Runs `work` at once and then every `periodMs` ± 20 %, never twice at a time. A failure is logged, once until it
 * changes, and the next run tries again.
 */
export function every(periodMs: number, work: (signal: AbortSignal) => Promise<void>, log: Logger, name: string): Loop {
  const stop = new AbortController();
  let isAsked = false;
  let wake = () => {};
  let lastError = '';
  const running = (async () => {
    while (!stop.signal.aborted) {
      isAsked = false;
      try {
        await work(stop.signal);
        lastError = '';
      } catch (err) {
        const text = messageOf(err);
        if (!stop.signal.aborted && text !== lastError) log.warn({ err, loop: name }, 'loop failed, trying again');
        lastError = text;
      }
      if (isAsked || stop.signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, jittered(periodMs, 0.2));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    now() {
      isAsked = true;
      wake();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      wake();
      await running;
    },
  };
}
