import { type DashboardSpec, graph, line, rare, stat } from './panel.ts';

export const sessions: DashboardSpec = {
  uid: 'pco-sessions',
  title: 'Plane automation: sessions and slots',
  description: 'Runners, their slots, what their agents are doing, and the terminals that people have open.',
  rows: [
    {
      title: 'Slots',
      panels: [
        stat('Slots in use', 'short', 'max(slots_used)', { width: 6 }),
        stat('Slots that are free', 'short', 'sum(max by (runner) (runner_slots{state="free"})) or vector(0)', {
          width: 6,
        }),
        stat('Runners without a heartbeat', 'short', 'count(max by (runner) (runner_up) == 0) or vector(0)', {
          width: 6,
          warnFrom: 1,
        }),
        stat(
          'Longest wait of an approved ticket',
          's',
          'max(tickets_oldest_age_seconds{status="approved"}) or vector(0)',
          {
            width: 6,
            warnFrom: 600,
            badFrom: 3_600,
          },
        ),
        graph('Slots in use by runner', 'short', [line('max by (runner) (runner_slots{state="used"})', '{{runner}}')], {
          stacked: true,
        }),
        graph('Approved tickets without a session', 'short', [
          rare('max by (reason) (plane_tickets_waiting_for_start)', '{{reason}}'),
        ]),
        graph('Age of heartbeats', 's', [line('max by (runner) (runner_heartbeat_age_seconds)', '{{runner}}')]),
      ],
    },
    {
      title: 'Agents',
      panels: [
        graph('What agents are doing', 'short', [line('sum by (state) (runner_sessions)', '{{state}}')], {
          stacked: true,
        }),
        graph('Sessions that completed', 'cpm', [
          line('60 * max(rate(plane_tickets_completed_total[$__rate_interval]))', 'completed'),
          line('60 * max(rate(tickets_moved_total{status="failed"}[$__rate_interval]))', 'failed'),
        ]),
        graph('Time from approval to completion', 's', [
          rare('pco:session_duration_seconds:p50', 'half of them'),
          rare('pco:session_duration_seconds:p95', '95 of 100'),
        ]),
      ],
    },
    {
      title: 'Terminals',
      panels: [
        graph('tmux sessions', 'short', [line('sum by (instance) (tmux_sessions_active)', '{{instance}}')]),
        graph('Requests for a session', 'ops', [
          line('sum by (outcome) (rate(tmux_session_creations_total[$__rate_interval]))', '{{outcome}}'),
        ]),
        graph('Time of a tmux command, 95 of 100', 's', [
          line(
            'histogram_quantile(0.95, sum by (le, command) (rate(tmux_command_duration_seconds_bucket[$__rate_interval])))',
            '{{command}}',
          ),
        ]),
        graph('Terminals open in browsers', 'short', [line('sum(api_terminals)', 'through the api')]),
        graph('Output that waits for slow browsers', 'bytes', [line('sum(api_terminal_buffered_bytes)', 'waiting')]),
      ],
    },
  ],
};
