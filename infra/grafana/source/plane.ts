import { type DashboardSpec, graph, line, rare, stat } from './panel.ts';

const MINUTE = 60;

export const plane: DashboardSpec = {
  uid: 'pco-plane',
  title: 'Plane automation: Plane',
  description: 'Requests to Plane and their budget, polls, webhooks, and what is written back.',
  rows: [
    {
      title: 'Requests and their budget',
      panels: [
        graph('Requests in the budget window', 'short', [
          line('max by (class) (plane_budget_used)', '{{class}}'),
          line('max(plane_budget_limit)', 'most there may be'),
        ]),
        graph('Requests by operation', 'cpm', [
          line(
            '60 * sum by (operation) (max by (operation, status) (rate(plane_api_calls_total[$__rate_interval])))',
            '{{operation}}',
          ),
        ]),
        graph('Answers that are no success', 'cpm', [
          rare(
            '60 * sum by (status) (max by (operation, status) (rate(plane_api_calls_total{status!~"2.."}[$__rate_interval])))',
            '{{status}}',
          ),
        ]),
        graph('Sent once more', 'cpm', [
          rare('60 * max by (operation) (rate(plane_api_retry_total[$__rate_interval]))', '{{operation}}'),
        ]),
        graph('Time of a request, 95 of 100', 's', [
          line(
            'histogram_quantile(0.95, sum by (le, operation) (rate(plane_call_duration_seconds_bucket[$__rate_interval])))',
            '{{operation}}',
          ),
        ]),
        graph('Wait for the budget, 95 of 100', 's', [
          line(
            'histogram_quantile(0.95, sum by (le, class) (rate(plane_budget_wait_seconds_bucket[$__rate_interval])))',
            '{{class}}',
          ),
        ]),
      ],
    },
    {
      title: 'What is read',
      panels: [
        graph(
          'Since the last poll',
          's',
          [line('time() - max by (project) (poller_project_last_success_timestamp_seconds > 0)', '{{project}}')],
          { warnFrom: 10 * MINUTE },
        ),
        graph('Polls that failed in a row', 'short', [
          line('max by (project) (poller_project_failures)', '{{project}}'),
        ]),
        graph('Polls', 'cpm', [
          line('60 * sum by (outcome) (rate(poller_ticks_total[$__rate_interval]))', '{{outcome}}'),
        ]),
        graph('Work items', 'short', [line('max by (project) (poller_project_work_items)', '{{project}}')]),
        graph('Deliveries of webhooks', 'cpm', [
          rare('60 * sum by (outcome) (rate(webhook_deliveries_total[$__rate_interval]))', '{{outcome}}'),
        ]),
        stat('Webhooks tell of what polls find', 'short', 'min(webhooks_healthy)', {
          width: 6,
          description: '0: polls find changes that no delivery has told of. Look at the webhook in Plane.',
        }),
      ],
    },
    {
      title: 'What is written',
      panels: [
        graph('Write-backs', 'cpm', [
          line('60 * max by (status) (rate(plane_updates_total[$__rate_interval]))', '{{status}}'),
        ]),
        stat('Write-backs that Plane refuses', 'short', 'max(plane_writes_stopped)', {
          width: 6,
          badFrom: 1,
          description: 'They wait for a mended token or membership, and go on by themselves. /health says which.',
        }),
        graph('Oldest summary that waits for approval', 's', [
          line('max(approval_oldest_age_seconds{gate="write_back"})', 'oldest'),
        ]),
      ],
    },
  ],
};
