export interface PacerOptions {
  /** How long calls of `hurry` are gathered. */
  readonly delayMs: number;
  readonly periodMs: number;
  readonly work: () => Promise<void>;
  readonly onError: (err: unknown) => void;
}
export interface Pacer extends AsyncDisposable {
  hurry(): void;
}

/** Repeats work every period, and soon after each `hurry`; never twice at the same time. */
export function createPacer({ delayMs, periodMs, work, onError }: PacerOptions): Pacer {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isHurried = false;
  let isStopped = false;

  const schedule = (ms: number) => {
    clearTimeout(timer);
    if (isStopped) return;
    timer = setTimeout(() => {
      isHurried = false;
      running = work()
        .catch(onError)
        .finally(() => {
          running = undefined;
          schedule(isHurried ? delayMs : periodMs);
        });
    }, ms);
  };
  schedule(periodMs);

  return {
    hurry() {
      if (isHurried) return;
      isHurried = true;
      if (running === undefined) schedule(delayMs);
    },
    async [Symbol.asyncDispose]() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
