import { type DashboardSpec, graph, line, rare, stat } from './panel.ts';

const DAY = '1d';

export const cost: DashboardSpec = {
  uid: 'pco-cost',
  title: 'Plane automation: cost',
  description:
    'What agents have used, by their own word or, where they do not say, estimated from the prices of the models. Counted when a session has ended or its ticket has completed.',
  rows: [
    {
      title: 'Today',
      panels: [
        stat(
          'Spent in a day',
          'currencyUSD',
          `sum(max by (project) (increase(agent_cost_usd_total[${DAY}]))) or vector(0)`,
          {
            width: 6,
          },
        ),
        stat('Tokens in a day', 'short', `sum(max by (project) (increase(agent_tokens_total[${DAY}]))) or vector(0)`, {
          width: 6,
        }),
        stat(
          'Per completed ticket',
          'currencyUSD',
          `(sum(max by (project) (increase(agent_cost_usd_total[${DAY}]))) / (max(increase(plane_tickets_completed_total[${DAY}])) > 0)) or vector(0)`,
          { width: 6 },
        ),
      ],
    },
    {
      title: 'Over time',
      panels: [
        graph(
          'Spent in an hour',
          'currencyUSD',
          [rare('max by (project) (increase(agent_cost_usd_total[1h]))', '{{project}}')],
          {
            stacked: true,
            width: 12,
          },
        ),
        graph(
          'Tokens in an hour',
          'short',
          [rare('max by (project) (increase(agent_tokens_total[1h]))', '{{project}}')],
          {
            stacked: true,
            width: 12,
          },
        ),
        graph('Completed tickets in an hour', 'short', [
          line('max(increase(plane_tickets_completed_total[1h]))', 'completed'),
        ]),
        graph('Sessions ended at a limit of their budget', 'short', [
          line('max(increase(tickets_over_budget_total[1h]))', 'over budget'),
        ]),
      ],
    },
  ],
};
