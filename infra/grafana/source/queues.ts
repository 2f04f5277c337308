import { type DashboardSpec, graph, line, rare, stat } from './panel.ts';

export const queues: DashboardSpec = {
  uid: 'pco-queues',
  title: 'Plane automation: queues',
  description: 'Jobs that wait, run, fail and are taken over; the outbox and the events behind them; Redis.',
  rows: [
    {
      title: 'Jobs',
      panels: [
        graph('Jobs that wait', 'short', [line('max by (queue) (queue_depth)', '{{queue}}')]),
        graph('Oldest job that waits', 's', [line('max by (queue) (queue_oldest_job_age_seconds)', '{{queue}}')], {
          description: 'Jobs of session.… wait for a slot, which may take long; all others are taken within seconds.',
        }),
        graph('Jobs done', 'ops', [
          line('max by (queue) (rate(queue_jobs_completed_total[$__rate_interval]))', '{{queue}}'),
        ]),
        graph(
          'Time of a handler, 95 of 100',
          's',
          [
            line(
              'histogram_quantile(0.95, sum by (le, queue) (rate(queue_job_duration_seconds_bucket[$__rate_interval])))',
              '{{queue}}',
            ),
          ],
          { description: 'Of jobs that ran; by family of queues.' },
        ),
      ],
    },
    {
      title: 'Trouble',
      panels: [
        stat('Dead letters', 'short', 'sum(max by (queue) (queue_jobs{state="failed"}))', {
          width: 6,
          badFrom: 1,
          description: 'Jobs that failed for good and wait for a person: /admin/queues shows and retries them.',
        }),
        graph('Retries', 'ops', [
          rare('sum by (queue) (rate(queue_job_retries_total[$__rate_interval]))', '{{queue}}'),
        ]),
        graph('Taken over from workers that died', 'ops', [
          rare('sum by (queue) (rate(queue_jobs_taken_over_total[$__rate_interval]))', '{{queue}}'),
        ]),
      ],
    },
    {
      title: 'Outbox, events, Redis',
      panels: [
        graph('Effects without an outcome', 'short', [line('max(outbox_items)', 'effects')]),
        graph('Most overdue effect', 's', [line('max(outbox_overdue_seconds)', 'overdue')], {
          description: 'Grows when no service sweeps.',
        }),
        stat('Effects that nobody could read', 'short', 'max(outbox_set_aside)', { width: 6, badFrom: 1 }),
        graph('Lag behind the event stream', 's', [
          line('max by (instance) (event_stream_lag_seconds)', '{{instance}}'),
        ]),
        graph('Entries of the event stream', 'short', [line('max(event_stream_entries)', 'entries')]),
        graph('Memory of Redis', 'bytes', [
          line('max(redis_memory_used_bytes)', 'used'),
          rare('max(redis_memory_max_bytes) > 0', 'limit'),
        ]),
        stat('Redis writes to disk', 'short', 'min(redis_persistence_up)', {
          width: 6,
          description: '0: what is committed now is lost when Redis dies. See docs/runbook.md.',
        }),
      ],
    },
  ],
};
