/** What one session may use up; a limit that is absent is none. */
export interface Budget {
  readonly turns?: number | undefined;
  readonly ms?: number | undefined;
  readonly tokens?: number | undefined;
  readonly costUsd?: number | undefined;
}

export const LIMITS = ['turns', 'minutes', 'tokens', 'cost'] as const;
export type Limit = (typeof LIMITS)[number];

/** What a session has used; what is not known is absent. */
export interface Used {
  readonly turns?: number | undefined;
  readonly ms?: number | undefined;
  readonly tokens?: number | undefined;
  readonly costUsd?: number | undefined;
}

/** A warning comes at so much of a limit. */
export const WARN_SHARE = 0.8;

export interface BudgetVerdict {
  /** The first limit that is reached. */
  readonly over: Limit | undefined;
  /** Limits of which a warning is due, those that are reached included. */
  readonly near: readonly Limit[];
}

const FIELDS = { turns: 'turns', minutes: 'ms', tokens: 'tokens', cost: 'costUsd' } as const;

export function judgeBudget(budget: Budget, used: Used): BudgetVerdict {
  const shareOf = (limit: Limit): number => {
    const most = budget[FIELDS[limit]];
    return most === undefined ? 0 : (used[FIELDS[limit]] ?? 0) / most;
  };
  return {
    over: LIMITS.find((limit) => shareOf(limit) >= 1),
    near: LIMITS.filter((limit) => shareOf(limit) >= WARN_SHARE),
  };
}

const MINUTE_MS = 60_000;
const SHOWN: Readonly<Record<Limit, (amount: number) => string>> = {
  turns: (turns) => `${turns} turns`,
  minutes: (ms) => `${Number((ms / MINUTE_MS).toFixed(1))} minutes of work`,
  tokens: (tokens) => `${tokens} tokens`,
  cost: (usd) => `$${usd.toFixed(2)}`,
};

/** "12 turns of 10 turns": what was used, and what may be. */
export const usedText = (limit: Limit, budget: Budget, used: Used): string =>
  `${SHOWN[limit](used[FIELDS[limit]] ?? 0)} of ${SHOWN[limit](budget[FIELDS[limit]] ?? 0)}`;
