import { Counter, type Registry } from '@pco/shared/metrics';

const OUTCOMES = ['ok', 'busy', 'failed'] as const;

/** Polls of this process. What is known of a project is in Redis, and the api shows it. */
export function addPollMetrics(registry: Registry): Counter<'outcome'> {
  const ticks = new Counter({
    name: 'poller_ticks_total',
    help: 'Polls of a project by outcome (ok, busy, failed)',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of OUTCOMES) ticks.inc({ outcome }, 0);
  return ticks;
}
