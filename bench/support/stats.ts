/** The value below which so much of the sample lies; the sample need not be sorted. */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  return sorted[index] ?? Number.NaN;
}

export const median = (sample: readonly number[]): number => quantile(sample, 0.5);

/** Events per second between the first and the last tenth: starting up and running dry are left out. */
export function steadyRate(timesMs: readonly number[]): number {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const from = Math.floor(sorted.length * 0.1);
  const to = Math.ceil(sorted.length * 0.9) - 1;
  const [first, last] = [sorted[from], sorted[to]];
  if (first === undefined || last === undefined || last <= first) return Number.NaN;
  return ((to - from) * 1_000) / (last - first);
}
