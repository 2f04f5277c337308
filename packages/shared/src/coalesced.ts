/**
 * One run for all who ask before it begins, and it begins at the end of a turn of the event loop: whatever came in with
 * it is one run. Who asks while one is under way gets the next: what that one reads may be older than the question.
 */
export function coalesced<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Value> | undefined;
  const begin = (): Promise<Value> => {
    next = undefined;
    const run = work();
    running = run.then(ignore, ignore);
    return run;
  };
  return () => {
    next ??= running.then(endOfTurn).then(begin);
    return next;
  };
}

const ignore = () => undefined;
const endOfTurn = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
