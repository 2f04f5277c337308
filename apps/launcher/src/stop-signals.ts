import { SECOND_MS } from '@pco/shared/time';

/** npm passes Ctrl-C on although the terminal has sent it to us already: within a second it is the same one. */
const SAME_MS = SECOND_MS;
const PARENT_CHECK_MS = SECOND_MS;

type ProcessEvents = Pick<NodeJS.Process, 'on' | 'ppid' | 'env' | 'stdin' | 'stdout'>;

export interface SignalHooks {
  /** A later signal to stop: somebody does not want to wait. */
  readonly onSecond: () => void;
  /** SIGHUP where no terminal can have been closed. */
  readonly onReload: () => void;
}

/**
 * Aborts on the first SIGINT or SIGTERM, on SIGHUP from a terminal that was closed, and when bin/run.mjs that started us has
 * vanished.
 */
export function watchSignals(process: ProcessEvents, { onSecond, onReload }: SignalHooks): AbortSignal {
  const stop = new AbortController();
  let firstAt: number | undefined;
  const heard = (signal: string) => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      stop.abort(signal);
    } else if (performance.now() - firstAt > SAME_MS) onSecond();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => heard(signal));
  process.on('SIGHUP', () => (process.stdout.isTTY || process.stdin.isTTY ? heard('SIGHUP') : onReload()));
  const parent = Number(process.env.PCO_RUN_PID);
  const timer = setInterval(() => {
    if (process.ppid !== parent && firstAt === undefined) heard('the end of its parent');
  }, PARENT_CHECK_MS);
  timer.unref();
  if (!parent || process.ppid !== parent) clearInterval(timer); // started directly
  return stop.signal;
}
