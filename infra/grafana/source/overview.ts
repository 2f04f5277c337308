import { type DashboardSpec, graph, line, rare, stat } from './panel.ts';

const HOUR = 3_600;

/** Who waits for whom, and whether everything is up. Replicas show the same shared state: the maximum over them, never the sum. */
export const overview: DashboardSpec = {
  uid: 'pco-overview',
  title: 'Plane automation: overview',
  description: 'What waits for people, what is at work, and whether all of it is up.',
  rows: [
    {
      title: 'Who waits for a person',
      panels: [
        stat('Await approval', 'short', 'pco:pending_tickets', { width: 4 }),
        stat('Agents that ask', 'short', 'max(tickets{status="waiting"})', { width: 4, warnFrom: 1 }),
        stat('Summaries to approve', 'short', 'pco:completed_tickets', { width: 4 }),
        stat('Failed', 'short', 'max(tickets{status="failed"})', { width: 4, warnFrom: 1 }),
        stat('Oldest approval', 's', 'max(approval_oldest_age_seconds)', {
          width: 4,
          warnFrom: 4 * HOUR,
          badFrom: 24 * HOUR,
        }),
        stat('Active sessions', 'short', 'pco:active_sessions', { width: 4 }),
      ],
    },
    {
      title: 'Flow',
      panels: [
        graph('Tickets', 'short', [
          line('pco:pending_tickets', 'await approval'),
          line('pco:active_sessions', 'sessions'),
          line('pco:completed_tickets', 'summaries to approve'),
        ]),
        graph('Approvals', 'cpm', [line('60 * pco:approvals:rate5m', 'approved')], {
          description: 'Approvals a minute whose session started, over five minutes.',
        }),
        graph(
          'Time from approval to completion',
          's',
          [
            rare('pco:session_duration_seconds:p50', 'half of them'),
            rare('pco:session_duration_seconds:p95', '95 of 100'),
          ],
          { description: 'Of the sessions that completed in the last hour.' },
        ),
        graph('Write-backs that arrived whole', 'percentunit', [rare('pco:updates:success_ratio', 'whole')], {
          description: 'Of the last hour; the rest lacks its comment or its state. The ticket says why.',
        }),
      ],
    },
    {
      title: 'Up',
      panels: [
        stat('Services that answer', 'percentunit', 'avg(up{job=~"plane-.+|tmux-session-service"})', { width: 4 }),
        stat('Redis', 'short', 'min(redis_up)', { width: 4 }),
        stat('Runners that are up', 'short', 'count(max by (runner) (runner_up) == 1) or vector(0)', { width: 4 }),
        graph('Requests to the api', 'reqps', [
          line('sum by (status) (rate(plane_api_requests_total[$__rate_interval]))', '{{status}}'),
        ]),
        graph('Time to answer, 95 of 100', 's', [
          line(
            'histogram_quantile(0.95, sum by (le) (rate(plane_api_request_duration_seconds_bucket[$__rate_interval])))',
            'all',
          ),
        ]),
        graph('Memory of the services', 'bytes', [line('sum by (job) (process_resident_memory_bytes)', '{{job}}')]),
      ],
    },
  ],
};
