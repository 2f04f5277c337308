/** A signal that aborts when the time is over or the caller gives up; disposing of it leaves nothing behind. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
  isOver(): boolean;
}

/** By hand, because `AbortSignal.any` keeps every short-lived signal alive as long as the caller's long-lived one. */
export function timeLimit(ms: number, caller?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    controller.abort();
  }, ms);
  const giveUp = () => controller.abort();
  caller?.addEventListener('abort', giveUp, { once: true });
  if (caller?.aborted) giveUp();
  return {
    signal: controller.signal,
    isOver: () => over,
    [Symbol.dispose]() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', giveUp);
    },
  };
}
