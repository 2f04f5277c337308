import { isCode } from '../errors.ts';
import { Counter, Gauge, Histogram, type Registry } from '../metrics.ts';
import type { PlaneBudget } from '../plane/index.ts';
import type { BudgetStore } from '../redis/index.ts';
import { SECOND_MS } from '../time.ts';

/** The shared budget, with what it costs in the metrics. */
export function measureBudget(budget: BudgetStore, registry: Registry): PlaneBudget {
  const registers = [registry];
  const used = new Gauge({
    name: 'plane_budget_used',
    help: 'Requests to Plane in the budget window that ends now, of all services',
    labelNames: ['class'],
    registers,
    // a scrape while Redis is away shows the last value
    collect: () => show().catch(() => undefined),
  });
  const limits = new Gauge({
    name: 'plane_budget_limit',
    help: 'Most requests to Plane in a budget window',
    labelNames: ['class'],
    registers,
  });
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
  for (const { kind, limit } of budget.limits) limits.set({ class: kind }, limit);
  const show = async () => {
    for (const { kind, used: count } of await budget.usage()) used.set({ class: kind }, count);
  };
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
