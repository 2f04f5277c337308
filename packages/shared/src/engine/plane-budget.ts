import { isCode } from '../errors.ts';
import { Counter, Histogram, type Registry } from '../metrics.ts';
import type { PlaneBudget } from '../plane/index.ts';
import type { BudgetStore } from '../redis/index.ts';
import { SECOND_MS } from '../time.ts';

/** The shared budget, with what it costs this process in the metrics. */
export function measureBudget(budget: BudgetStore, registry: Registry): PlaneBudget {
  const registers = [registry];
  const waits = new Histogram({
    name: 'plane_budget_wait_seconds',
    help: 'Time that a request to Plane waited for the budget, or was sent away for',
    labelNames: ['class'],
    buckets: [0.01, 0.1, 0.5, 1, 5, 15, 30, 60],
    registers,
  });
  const limited = new Counter({
    name: 'plane_rate_limited_total',
    help: 'Requests to Plane that it answered with 429',
    labelNames: ['class'],
    registers,
  });
  return {
    async take(kind) {
      const began = performance.now();
      const observe = (ms: number) => waits.observe({ class: kind }, ms / SECOND_MS);
      try {
        await budget.take(kind);
        observe(performance.now() - began);
      } catch (err) {
        if (isCode(err, 'PLANE_BUDGET_EMPTY')) observe(Number(err.details.retryAfterMs));
        throw err;
      }
    },
    async blockFor(ms, kind) {
      limited.inc({ class: kind });
      await budget.blockFor(ms);
    },
  };
}
