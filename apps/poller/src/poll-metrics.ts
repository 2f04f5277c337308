import type { Core } from '@pco/shared/engine';
import { Counter, Gauge } from '@pco/shared/metrics';
import { SECOND_MS } from '@pco/shared/time';
import type { HealthStore, ProjectHealth } from './health-store.ts';

/** Counts polls of this process, and shows of every project what the last poll of any process noted. */
export function addPollMetrics({ registry, redis }: Core, health: HealthStore, projects: ReadonlySet<string>) {
  const registers = [registry];
  const perProject = (name: string, help: string, value: (noted: ProjectHealth) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['project'],
      registers,
      async collect() {
        if (redis.client.status !== 'ready') return; // a scrape must not wait for Redis
        this.reset();
        for (const id of projects) {
          const noted = await health.health(id);
          this.set({ project: noted.identifier || id }, value(noted));
        }
      },
    });
  perProject(
    'poller_project_last_success_timestamp_seconds',
    'When a poll of the project last came to its end; 0 for never',
    ({ lastPollAt }) => lastPollAt / SECOND_MS,
  );
  perProject('poller_project_failures', 'Polls of the project that failed in a row', ({ failures }) => failures);
  perProject('poller_project_work_items', 'Work items of the project', ({ items }) => items);
  return new Counter({
    name: 'poller_ticks_total',
    help: 'Polls of a project by outcome (ok, busy, failed)',
    labelNames: ['outcome'],
    registers,
  });
}
