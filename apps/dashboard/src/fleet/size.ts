const STEP = 1024;

/** Megabytes as people read them. */
export function size(mb: number): string {
  if (mb < STEP) return `${Math.round(mb)} MB`;
  const gb = mb / STEP;
  return gb < STEP ? `${gb < 10 ? gb.toFixed(1) : Math.round(gb)} GB` : `${(gb / STEP).toFixed(1)} TB`;
}
