import { Counter, type Registry } from '@pco/shared/metrics';

/** Polls of this process. What is known of a project is in Redis, and the api shows it. */
export const addPollMetrics = (registry: Registry) =>
  new Counter({
    name: 'poller_ticks_total',
    help: 'Polls of a project by outcome (ok, busy, failed)',
    labelNames: ['outcome'],
    registers: [registry],
  });
