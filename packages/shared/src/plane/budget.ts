/** What a request is for: each kind has its own share of the budget. */
export type BudgetKind = 'poll' | 'write' | 'lookup';

/** Our own limit below Plane's, which counts requests per key: common to every process that uses the key. */
export interface PlaneBudget {
  /** Takes one request; waits for at most a second, else throws PLANE_BUDGET_EMPTY with `retryAfterMs`. */
  take(kind: BudgetKind): Promise<void>;
  /** Plane has answered 429 to a request of that kind: nobody asks for this long, whatever for. */
  blockFor(ms: number, kind: BudgetKind): Promise<void>;
}

/** For command line tools and tests, which ask a handful of times. */
export const unlimitedBudget: PlaneBudget = { take: async () => {}, blockFor: async () => {} };
