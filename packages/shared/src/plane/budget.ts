/** What a request is for: each kind has its own share of the requests per minute. */
export type BudgetKind = 'poll' | 'write' | 'lookup';

/** Our own share of Plane's requests per minute and key, common to every process that uses the key. */
export interface PlaneBudget {
  /** Takes one request; waits for at most a second, else throws PLANE_BUDGET_EMPTY with `retryAfterMs`. */
  take(kind: BudgetKind): Promise<void>;
  /** Plane has answered 429: nobody asks for this long. */
  blockFor(ms: number): Promise<void>;
}

/** For command line tools and tests, which ask a handful of times. */
export const unlimitedBudget: PlaneBudget = { take: async () => {}, blockFor: async () => {} };
