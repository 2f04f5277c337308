/** Where a replay stands: it moves by itself while it plays. `now` gives milliseconds that never go back. */
export function createReplayClock(now: () => number, speedAtFirst = 1) {
  let speed = speedAtFirst;
  let isPlaying = true;
  let base = { atMs: 0, now: now() };
  const position = (): number => base.atMs + (isPlaying ? (now() - base.now) * speed : 0);
  const moveTo = (atMs: number): void => {
    base = { atMs, now: now() };
  };
  return {
    get atMs(): number {
      return position();
    },
    get speed(): number {
      return speed;
    },
    get isPlaying(): boolean {
      return isPlaying;
    },
    moveTo,
    play(newSpeed: number = speed): void {
      moveTo(position());
      speed = newSpeed;
      isPlaying = true;
    },
    pause(): void {
      moveTo(position());
      isPlaying = false;
    },
    /** How long until then, if nobody interferes; for ever while it is paused. */
    msUntil(atMs: number): number {
      const ahead = atMs - position();
      if (ahead <= 0) return 0;
      return isPlaying ? ahead / speed : Number.POSITIVE_INFINITY;
    },
  };
}
