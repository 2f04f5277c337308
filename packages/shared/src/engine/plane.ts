import type { Config } from '../config/index.ts';
import { Histogram } from '../metrics.ts';
import { type BudgetKind, createPlaneClient, type PlaneClient } from '../plane/index.ts';
import { type BudgetStore, createBudgetStore, type RedisHandle } from '../redis/index.ts';
import { SECOND_MS } from '../time.ts';
import type { Core } from './core.ts';
import { measureBudget } from './plane-budget.ts';

export interface PlaneUse {
  /** Counts every request as one of this kind: who only writes must not use up what others look up. */
  readonly kind?: BudgetKind;
}

/** The request budget of the token that we use, common to all services. */
export function openBudget({ plane }: Config, { client, keys }: RedisHandle): BudgetStore {
  const limits = { requests: plane.requests_per_minute, windowMs: plane.budget_window_seconds * SECOND_MS };
  return createBudgetStore(client, keys, plane.api_token ?? '', limits);
}

/** Plane with the shared budget. Calls and retries (B-116, B-117) are counted for all services together. */
export function openPlane(config: Config, core: Core, { kind }: PlaneUse = {}): PlaneClient & AsyncDisposable {
  const { api_url, workspace_slug, path_segment, request_timeout } = config.plane;
  const token = config.plane.api_token ?? ''; // readConfig refuses a configuration without one
  const seconds = new Histogram({
    name: 'plane_call_duration_seconds',
    help: 'Time until Plane has answered one request',
    labelNames: ['operation'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
    registers: [core.registry],
  });
  const budget = measureBudget(openBudget(config, core.redis), core.registry);
  return createPlaneClient({
    apiUrl: api_url,
    token,
    workspaceSlug: workspace_slug,
    pathSegment: path_segment,
    timeoutMs: request_timeout * SECOND_MS,
    budget: kind ? { take: () => budget.take(kind), blockFor: (ms) => budget.blockFor(ms, kind) } : budget,
    onCall: (operation, status, ms) => {
      core.counters.add(`plane_api_calls_total ${operation} ${status}`);
      seconds.observe({ operation }, ms / SECOND_MS);
    },
    onRetry: (operation) => core.counters.add(`plane_api_retry_total ${operation}`),
  });
}
