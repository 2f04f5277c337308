/** How long to wait before a child that died is started again. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** A child that was healthy for so long has earned a fresh count. */
export const HEALTHY_RESET_MS = 60_000;

export const restartDelayMs = (deathsInARow: number): number =>
  Math.min(FIRST_MS * 2 ** Math.max(0, deathsInARow - 1), LONGEST_MS);
