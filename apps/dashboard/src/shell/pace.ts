const APART_MS = 100;
/** So many at this pace; after that no flood uses up the requests that a caller may make. */
const BURST = 10;
const EACH_MS = 500;

export interface Pace {
  /** Something has changed. */
  ask(): void;
  stop(): void;
}

/** Does its work for all who asked since it began the last time: at once, in a flood twice a second, and half of the time at most. */
export function createPace(work: () => Promise<unknown>): Pace {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAtWork = false;
  let isAsked = false;
  let isStopped = false;
  let left = BURST;
  let countedAt = performance.now();
  let nextAt = Number.NEGATIVE_INFINITY;

  const begin = async () => {
    const began = performance.now();
    left = Math.min(BURST, left + (began - countedAt) / EACH_MS) - 1;
    countedAt = began;
    isAtWork = true;
    isAsked = false;
    await work().catch(() => undefined); // what could not be loaded says so where it is shown
    isAtWork = false;
    const ended = performance.now();
    const apart = Math.max(APART_MS, ended - began);
    nextAt = Math.max(ended + apart, began + (1 - left) * EACH_MS);
    if (isAsked) plan();
  };
  const plan = () => {
    if (isStopped || timer !== undefined) return;
    const wait = nextAt - performance.now();
    if (wait <= 0) return void begin();
    timer = setTimeout(() => {
      timer = undefined;
      void begin();
    }, wait);
  };
  return {
    ask() {
      isAsked = true;
      if (!isAtWork) plan();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
