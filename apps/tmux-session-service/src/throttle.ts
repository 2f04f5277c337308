export interface ThrottleOptions {
  readonly attempts: number;
  readonly windowMs: number;
  readonly clock: () => number;
}

/** Counts failures by name: after so many within the window the name is refused until the window is over. */
export function createThrottle({ attempts, windowMs, clock }: ThrottleOptions) {
  const failures = new Map<string, number[]>();
  const recent = (name: string): number[] => (failures.get(name) ?? []).filter((atMs) => clock() - atMs < windowMs);
  return {
    isRefused: (name: string): boolean => recent(name).length >= attempts,
    fail(name: string): void {
      for (const known of failures.keys()) if (recent(known).length === 0) failures.delete(known); // nobody fills our memory
      failures.set(name, [...recent(name), clock()]);
    },
    succeed: (name: string): void => void failures.delete(name),
  };
}
