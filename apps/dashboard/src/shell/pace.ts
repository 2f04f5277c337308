const LEAST_APART_MS = 100;
const MOST_APART_MS = 1_000; // no flood uses up the requests that a caller may make
const QUIET_MS = 3_000;
const SHARE = 2; // and what takes long leaves the browser time for people

export interface Pace {
  /** Something has changed: at once after a quiet time, further and further apart the longer it goes on. */
  ask(): void;
  stop(): void;
}

/** Does its work for all who asked since it began the last time, one after the other. */
export function createPace(work: () => Promise<unknown>): Pace {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAtWork = false;
  let isAsked = false;
  let isStopped = false;
  let apart = LEAST_APART_MS;
  let endedAt = Number.NEGATIVE_INFINITY;

  const begin = async () => {
    const began = performance.now();
    apart = began - endedAt > QUIET_MS ? LEAST_APART_MS : Math.min(apart * 2, MOST_APART_MS);
    isAtWork = true;
    isAsked = false;
    await work().catch(() => undefined); // what could not be loaded says so where it is shown
    isAtWork = false;
    endedAt = performance.now();
    apart = Math.max(apart, SHARE * (endedAt - began));
    if (isAsked) plan();
  };
  const plan = () => {
    if (isStopped || timer !== undefined) return;
    const wait = endedAt + apart - performance.now();
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
