import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { addHttpMetrics } from './http-metrics.ts';
import { addSharedMetrics } from './shared-metrics.ts';
import { createSharedState } from './shared-state.ts';

/** What this process answers, and what all services share; of the latter the api is the one place that shows it. */
export function addApiMetrics(app: FastifyInstance, { config, core, feed }: ApiContext): () => void {
  addHttpMetrics(app, core.registry);
  let seenId = `${Date.now()}-0`; // what came before our start is no lag of ours
  addSharedMetrics(core.registry, createSharedState(config, core), () => seenId);
  return feed.subscribe(({ id }) => {
    seenId = id;
  });
}
