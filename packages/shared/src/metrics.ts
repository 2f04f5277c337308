import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A registry with the process metrics. */
export function createRegistry(): Registry {
  const registry = new Registry();
  // looks at the event loop ten times a second; at prom-client's hundred an idle service is busy with that alone
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  return registry;
}

export interface QueueMetrics {
  readonly duration: Histogram<'queue' | 'outcome'>;
  readonly sweeps: Counter<'outcome'>;
}

export const createQueueMetrics = (registry: Registry): QueueMetrics => ({
  duration: new Histogram({
    name: 'queue_job_duration_seconds',
    help: 'Time a handler took, by queue family and outcome (completed, retrying, postponed, failed)',
    labelNames: ['queue', 'outcome'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [registry],
  }),
  sweeps: new Counter({
    name: 'outbox_items_swept_total',
    help: 'Outbox items that a sweep looked at, by what it did',
    labelNames: ['outcome'],
    registers: [registry],
  }),
});
