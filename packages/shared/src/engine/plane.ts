import type { Config } from '../config/index.ts';
import { Counter } from '../metrics.ts';
import { type BudgetKind, createPlaneClient, type PlaneClient } from '../plane/index.ts';
import { createBudgetStore } from '../redis/index.ts';
import { SECOND_MS } from '../time.ts';
import type { Core } from './core.ts';
import { measureBudget } from './plane-budget.ts';

export interface PlaneUse {
  /** Counts every request as one of this kind: who only writes must not use up what others look up. */
  readonly kind?: BudgetKind;
}

/** Plane with the shared budget and the metrics that B-116 and B-117 name. */
export function openPlane(config: Config, core: Core, { kind }: PlaneUse = {}): PlaneClient & AsyncDisposable {
  const { api_url, workspace_slug, path_segment, requests_per_minute, budget_window_seconds, request_timeout } =
    config.plane;
  const token = config.plane.api_token ?? ''; // readConfig refuses a configuration without one
  const calls = new Counter({
    name: 'plane_api_calls_total',
    help: 'Requests to Plane',
    labelNames: ['operation', 'status'],
    registers: [core.registry],
  });
  const retries = new Counter({
    name: 'plane_api_retry_total',
    help: 'Requests to Plane that were sent once more',
    labelNames: ['operation'],
    registers: [core.registry],
  });
  const limits = { requests: requests_per_minute, windowMs: budget_window_seconds * SECOND_MS };
  const store = createBudgetStore(core.redis.client, core.redis.keys, token, limits);
  const budget = measureBudget(store, core.registry);
  return createPlaneClient({
    apiUrl: api_url,
    token,
    workspaceSlug: workspace_slug,
    pathSegment: path_segment,
    timeoutMs: request_timeout * SECOND_MS,
    budget: kind ? { take: () => budget.take(kind), blockFor: (ms) => budget.blockFor(ms, kind) } : budget,
    onCall: (operation, status) => calls.inc({ operation, status }),
    onRetry: (operation) => retries.inc({ operation }),
  });
}
