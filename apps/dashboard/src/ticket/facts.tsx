import type { TicketDetail } from '@pco/shared/contracts/http';
import type { ReactNode } from 'react';
import { useProjects } from '../parts/use-projects.ts';
import { When } from '../parts/when.tsx';
import { text } from '../text/index.ts';
import { duration } from '../time.ts';

const t = text.ticket;

/** What else there is to know about a ticket, as far as it is known. */
export function Facts({ ticket }: { readonly ticket: TicketDetail }) {
  const { fact } = t;
  const { branch, session_id, runner } = ticket;
  const { data: projects = [] } = useProjects();
  const project = projects.find(({ id }) => id === ticket.project_id)?.identifier;
  const result = resultOf(ticket);
  const used = usedOf(ticket);
  const facts: (readonly [string, ReactNode])[] = [
    ...(project ? [[fact.project, project] as const] : []),
    [fact.priority, text.priorities[ticket.priority]],
    [fact.trigger, text.triggers[ticket.trigger_type]],
    [fact.attempt, ticket.attempt],
    ...(branch ? [[fact.branch, <code key="branch">{branch}</code>] as const] : []),
    ...(session_id ? [[fact.session, <code key="session">{session_id}</code>] as const] : []),
    ...(runner ? [[fact.runner, runner] as const] : []),
    ...(result ? [[fact.result, result] as const] : []),
    ...(used ? [[fact.used, used] as const] : []),
    [fact.created, <When key="created" at={ticket.created_at} />],
  ];
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-3 rounded-lg border border-line bg-surface p-4 text-sm sm:grid-cols-3 xl:grid-cols-1">
      {facts.map(([name, value]) => (
        <div key={name} className="min-w-0 xl:grid xl:grid-cols-[5.5rem_minmax(0,1fr)] xl:gap-2">
          <dt className="text-xs text-quiet xl:text-sm">{name}</dt>
          <dd className="wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function resultOf({ result }: TicketDetail): string {
  if (!result) return '';
  const { commits, diff, unpushed, uncommitted, durationMs } = result;
  return [
    ...(commits === undefined ? [] : [t.commits(commits)]),
    ...(unpushed ? [t.unpushed(unpushed)] : []),
    ...(uncommitted ? [t.uncommitted(uncommitted)] : []),
    ...(diff ? [diff] : []),
    ...(durationMs === undefined ? [] : [duration(durationMs)]),
  ].join(' · ');
}

/** What the result says counts; while there is none, what the session had used when a limit came near. */
function usedOf({ result, used, near_limits }: TicketDetail): string {
  const tokens = result?.tokens ?? used?.tokens;
  const cost = result?.cost ?? used?.costUsd;
  return [
    ...(used?.turns === undefined ? [] : [t.turns(used.turns)]),
    ...(tokens === undefined ? [] : [t.tokens(tokens)]),
    ...(cost === undefined ? [] : [`$${cost.toFixed(2)}`]),
    ...(near_limits.length > 0 ? [t.nearLimit(near_limits.join(', '))] : []),
  ].join(' · ');
}
