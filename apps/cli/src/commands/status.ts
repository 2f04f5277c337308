import type { Health } from '@pco/shared/contracts/http';
import type { Command } from '../command.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { ago, type Output } from '../output.ts';

export const statusCommands: readonly Command[] = [
  {
    name: 'status',
    summary: 'How everything is, and what waits for you',
    notes: 'Ends with 1 when something is not as it should be, and says what.',
    async run({ api, out }) {
      const health = await api().call('health');
      out.result(health, () => show(health, out));
      if (health.status !== 'healthy') throw new CliFailure(EXIT.failed, 'something is not as it should be');
    },
  },
  {
    name: 'whoami',
    summary: 'Who you are to the api, and your role',
    async run({ api, out }) {
      const me = await api().call('me');
      out.result(me, () => out.fields({ name: me.name, role: me.role, via: me.via, expires: me.expires_at }));
    },
  },
];

function show(health: Health, out: Output): void {
  const { pending_count, completed_count, active_count, failed_count, last_poll_at } = health;
  out.fields({
    status: health.status,
    pending: `${pending_count}${pending_count > 0 ? '  (pco approve TICKET)' : ''}`,
    active: active_count,
    completed: `${completed_count}${completed_count > 0 ? '  (pco show TICKET, then pco update TICKET)' : ''}`,
    failed: `${failed_count}${failed_count > 0 ? '  (pco show TICKET, then pco retry TICKET)' : ''}`,
    runners: health.runners,
    'last poll': last_poll_at === null ? 'never' : `${ago(last_poll_at, Date.now())} ago`,
    webhooks: health.webhooks?.status,
  });
  for (const fault of faultsOf(health)) out.say(`${out.isTerminal ? '! ' : ''}${fault}`);
}

/** Everything that hinders something, in words. */
function faultsOf(health: Health): string[] {
  return [
    ...(health.redis ? [] : ['Redis does not answer']),
    ...(health.plane ? [] : ['Plane cannot be read']),
    ...(health.tmux_service ? [] : ['the terminal service does not answer']),
    ...(health.runners > 0 ? [] : ['no runner sends heartbeats: what is approved does not start']),
    ...health.runners_without_room.map(({ runner, why }) => `runner ${runner}: ${why}`),
    ...health.start_waits.map(({ tickets, why }) => `${tickets} approved, not started: ${why}`),
    ...health.write_stops.map(
      ({ identifier, error }) => `write-backs${identifier ? ` of ${identifier}` : ''} wait: ${error}`,
    ),
    ...health.projects.flatMap(({ identifier, error }) => (error === null ? [] : [`project ${identifier}: ${error}`])),
    ...(health.webhooks?.error ? [`webhooks: ${health.webhooks.error}`] : []),
  ];
}
