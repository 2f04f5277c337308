import { createHash, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { MINUTE_MS, pause, SECOND_MS } from '../time.ts';
import type { Keys } from './keys.ts';
import { loadScript } from './script.ts';

const takeBudget = loadScript('take-budget.lua', z.number());
const blockBudget = loadScript('block-budget.lua', z.number());

/** What a request to Plane is for; each class has a ceiling, so that none starves the others. */
const CEILING = { poll: 0.6, write: 0.8, lookup: 0.8 } as const; // shares of the total: 30, 40 and 40 of 50
export type BudgetClass = keyof typeof CEILING;

/** Shorter waits are waited; longer ones send the job back to its queue. */
const PATIENCE_MS = SECOND_MS;

/** The request budget of one Plane API key, shared by every process that uses it. */
export const createBudgetStore = (redis: Redis, keys: Keys, apiToken: string, perMinute: number) => {
  const account = createHash('sha256').update(apiToken).digest('hex').slice(0, 16);
  const blocked = keys.budget(account, 'blocked');
  return {
    /** @throws AppError PLANE_BUDGET_EMPTY with `retryAfterMs` when the wait would be longer than a second */
    async take(kind: BudgetClass): Promise<void> {
      const at = [keys.budget(account, 'all'), keys.budget(account, `class:${kind}`), blocked];
      const ceiling = Math.max(1, Math.floor(perMinute * CEILING[kind]));
      for (;;) {
        const waitMs = await takeBudget(redis, at, [MINUTE_MS, perMinute, ceiling, randomUUID()]);
        if (waitMs === 0) return;
        if (waitMs > PATIENCE_MS) throw new AppError('PLANE_BUDGET_EMPTY', { retryAfterMs: waitMs });
        await pause(waitMs);
      }
    },
    /** Plane said 429: nobody sends for so long. */
    async blockFor(ms: number): Promise<void> {
      await blockBudget(redis, [blocked], [ms]);
    },
  };
};
export type BudgetStore = ReturnType<typeof createBudgetStore>;
