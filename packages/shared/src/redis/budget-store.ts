import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { pause, SECOND_MS } from '../time.ts';
import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';
import { redisNow } from './now.ts';
import { loadScript } from './script.ts';

const takeBudget = loadScript('take-budget.lua', z.number());
const blockBudget = loadScript('block-budget.lua', z.number());

/** What a request to Plane is for; each class has a ceiling, so that none takes everything. */
const CEILING = { poll: 0.6, write: 0.8, lookup: 0.8 } as const; // shares of the total: 30, 40 and 40 of 50
export type BudgetClass = keyof typeof CEILING;
export const BUDGET_CLASSES = Object.keys(CEILING) as BudgetClass[]; // exactly its keys
/** What a class that was refused finds again: two others at their ceilings would leave it nothing. */
const SHARE = 0.2;

/** Shorter waits are waited; longer ones send the job back to its queue. */
const PATIENCE_MS = SECOND_MS;

export interface BudgetLimits {
  /** Most requests in any window. */
  readonly requests: number;
  /** As Plane counts: a minute, unless its server was set up otherwise. */
  readonly windowMs: number;
}

/** The request budget of one Plane API key, shared by every process that uses it. */
export const createBudgetStore = (
  redis: RedisClient,
  keys: Keys,
  apiToken: string,
  { requests, windowMs }: BudgetLimits,
) => {
  const account = createHash('sha256').update(apiToken).digest('hex').slice(0, 16);
  const key = (part: Parameters<Keys['budget']>[1]) => keys.budget(account, part);
  const blocked = key('blocked');
  const share = Math.floor(requests * SHARE);
  const ceilingOf = (kind: BudgetClass) => Math.max(1, Math.floor(requests * CEILING[kind]));
  return {
    /** @throws AppError PLANE_BUDGET_EMPTY with `retryAfterMs` when the wait would be longer than a second */
    async take(kind: BudgetClass): Promise<void> {
      const others = BUDGET_CLASSES.filter((other) => other !== kind);
      const at = [key('all'), key(`class:${kind}`), blocked, key('refused'), ...others.map((c) => key(`class:${c}`))];
      for (;;) {
        const args = [windowMs, requests, ceilingOf(kind), randomUUID(), share, kind, ...others];
        const waitMs = await takeBudget(redis, at, args);
        if (waitMs === 0) return;
        if (waitMs > PATIENCE_MS) throw new AppError('PLANE_BUDGET_EMPTY', { retryAfterMs: waitMs });
        await pause(waitMs);
      }
    },
    /** Plane said 429: nobody sends for so long. */
    async blockFor(ms: number): Promise<void> {
      await blockBudget(redis, [blocked], [ms]);
    },
    /** The most that may be sent in any window, of each class and altogether. */
    limits: [
      { kind: 'all', limit: requests },
      ...BUDGET_CLASSES.map((kind) => ({ kind, limit: ceilingOf(kind) })),
    ] as const,
    /** What all processes have sent in the window that ends now. */
    async usage(): Promise<{ kind: BudgetClass | 'all'; used: number }[]> {
      const since = (await redisNow({ client: redis, keys })) - windowMs;
      const count = (part: Parameters<Keys['budget']>[1]) => redis.zcount(key(part), `(${since}`, '+inf');
      return Promise.all([
        count('all').then((used) => ({ kind: 'all' as const, used })),
        ...BUDGET_CLASSES.map(async (kind) => ({ kind, used: await count(`class:${kind}`) })),
      ]);
    },
  };
};
export type BudgetStore = ReturnType<typeof createBudgetStore>;
