/** A look at five services costs what a start needs: what takes long is looked at less often. */
const LOOK_MS = { least: 25, most: 150, ofElapsed: 0.1 };

/** Waits for a state and gives it; says what it waited for when the time is over. */
export async function until<T>(
  what: string | (() => string),
  look: () => Promise<T> | T,
  timeoutMs = 60_000,
): Promise<Exclude<T, false | null | undefined>> {
  const began = performance.now();
  for (;;) {
    const value = await look();
    // what is neither false nor absent is the state that was waited for
    if (value !== false && value !== null && value !== undefined) return value as Exclude<T, false | null | undefined>;
    const elapsed = performance.now() - began;
    if (elapsed > timeoutMs)
      throw new Error(`waited ${timeoutMs} ms in vain until ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, lookMs(elapsed)));
  }
}

const lookMs = (elapsed: number): number =>
  Math.min(LOOK_MS.most, Math.max(LOOK_MS.least, elapsed * LOOK_MS.ofElapsed));
