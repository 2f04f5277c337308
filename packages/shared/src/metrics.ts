import { readFileSync } from 'node:fs';
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Metric, type MetricType, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Gauges by these names break the rule that only counters end in `_total`; the ones by type say the same. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

/** A registry with the process metrics. */
export function createRegistry(): Registry {
  const registry = new Registry();
  // looks at the event loop ten times a second; at prom-client's hundred an idle service is busy with that alone
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  new Gauge({
    name: 'service_build_info',
    help: 'Always 1; its labels say which version runs on which Node',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.versions.node }, 1);
  return registry;
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** What is appended to the metric's name, `_bucket` for example. */
  readonly suffix?: string;
}

export interface ReadMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** Asked at every scrape. */
  readonly read: () => Promise<readonly Sample[]>;
}

/** A metric that this process does not count itself: its samples are read from where the state is. */
export function addReadMetric(registry: Registry, { name, help, type, read }: ReadMetric): void {
  const toValue = ({ labels = {}, value, suffix = '' }: Sample) => ({ metricName: name + suffix, labels, value });
  const get = async () => ({ name, help, type, aggregator: 'first', values: (await read()).map(toValue) });
  // the registry calls nothing but `get`; its own classes cannot hold a histogram that somebody else has counted
  registry.registerMetric({ name, help, type: type as unknown as MetricType, get } as unknown as Metric);
}

export interface QueueMetrics {
  readonly duration: Histogram<'queue' | 'outcome'>;
  readonly retries: Counter<'queue'>;
  readonly deadLetters: Counter<'queue'>;
  readonly stalled: Counter<'queue'>;
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
  retries: new Counter({
    name: 'queue_job_retries_total',
    help: 'Jobs that failed and run again',
    labelNames: ['queue'],
    registers: [registry],
  }),
  deadLetters: new Counter({
    name: 'queue_dead_letters_total',
    help: 'Jobs that failed for good',
    labelNames: ['queue'],
    registers: [registry],
  }),
  stalled: new Counter({
    name: 'queue_jobs_taken_over_total',
    help: 'Jobs whose worker died and that another one took',
    labelNames: ['queue'],
    registers: [registry],
  }),
  sweeps: new Counter({
    name: 'outbox_items_swept_total',
    help: 'Outbox items that a sweep looked at, by what it did',
    labelNames: ['outcome'],
    registers: [registry],
  }),
});
