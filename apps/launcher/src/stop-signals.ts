import { SECOND_MS } from '@pco/shared/time';

/** npm passes Ctrl-C on although the terminal has sent it to us already: within a second it is the same one. */
const SAME_MS = SECOND_MS;
const PARENT_CHECK_MS = SECOND_MS;

type ProcessEvents = Pick<NodeJS.Process, 'on' | 'ppid' | 'env'>;

/**
 * Aborts on the first SIGINT, SIGTERM or SIGHUP, and when bin/run.mjs that started us has vanished. A later signal
 * means that somebody does not want to wait.
 */
export function watchSignals(process: ProcessEvents, onSecond: () => void): AbortSignal {
  const stop = new AbortController();
  let firstAt: number | undefined;
  const heard = (signal: string) => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      stop.abort(signal);
    } else if (Date.now() - firstAt > SAME_MS) onSecond();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => heard(signal));
  const parent = Number(process.env.PCO_RUN_PID);
  const timer = setInterval(() => {
    if (process.ppid !== parent && firstAt === undefined) heard('the end of its parent');
  }, PARENT_CHECK_MS);
  timer.unref();
  if (!parent || process.ppid !== parent) clearInterval(timer); // started directly
  return stop.signal;
}
