import type { Config } from '../config/index.ts';
import { Counter } from '../metrics.ts';
import { createPlaneClient, type PlaneClient } from '../plane/index.ts';
import { createBudgetStore } from '../redis/index.ts';
import type { Core } from './core.ts';

/** Plane with the shared budget and the metrics that B-116 and B-117 name. */
export function openPlane(config: Config, core: Core): PlaneClient & AsyncDisposable {
  const { api_url, workspace_slug, path_segment, requests_per_minute } = config.plane;
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
  return createPlaneClient({
    apiUrl: api_url,
    token,
    workspaceSlug: workspace_slug,
    pathSegment: path_segment,
    budget: createBudgetStore(core.redis.client, core.redis.keys, token, requests_per_minute),
    onCall: (operation, status) => calls.inc({ operation, status }),
    onRetry: (operation) => retries.inc({ operation }),
  });
}
