import type { TicketEvent } from './events.ts';
import type { Ticket } from './ticket.ts';
import type { Status } from './ticket-status.ts';

/** What a commit adds to the counters of the installation: name and labels with a space between, and how much. */
export type Tally = readonly (readonly [counter: string, by: number])[];

/** B-118. */
export const SESSION_SECONDS = [60, 300, 600, 1_800, 3_600, 7_200, 14_400] as const;
export const UPDATE_OUTCOMES = ['success', 'failed_comment', 'failed_state'] as const;

/** What a ticket moves to when its session did start; a quick agent completes before its start is committed. */
const STARTED: ReadonlySet<Status> = new Set(['active', 'completed', 'updating', 'in_review']);

/** A finished write-back whose state is not what it was meant to be. */
export const isStateTrouble = (code: string | undefined): boolean =>
  code === 'STATE_FAILED' || code === 'STATE_NOT_SET';

/** Counted in the very commit, so that every event counts once, whoever commits it and whatever dies afterwards. */
export function tallyOf(before: Ticket | null, event: TicketEvent, after: Ticket): Tally {
  const from = before?.status;
  const moved = from === after.status ? [] : [[`tickets_moved_total ${after.status}`, 1] as const];
  const started = from === 'starting' && STARTED.has(after.status);
  return [
    ...moved,
    ...(started ? [['plane_tickets_approved_total', 1] as const] : []),
    ...completion(before, after),
    ...writeBack(before, event, after),
    ...spending(before, after),
  ];
}

function completion(before: Ticket | null, { approvedAt, completedAt }: Ticket): Tally {
  if (completedAt === undefined || completedAt === before?.completedAt) return [];
  if (approvedAt === undefined) return [['plane_tickets_completed_total', 1]];
  const seconds = Math.max(0, completedAt - approvedAt) / 1_000;
  const bucket = SESSION_SECONDS.find((limit) => seconds <= limit) ?? '+Inf';
  return [
    ['plane_tickets_completed_total', 1],
    [`plane_session_duration_seconds ${bucket}`, 1],
    ['plane_session_duration_seconds sum', seconds],
  ];
}

/** What the session's agent has used since it was last told, for the project that the work item belongs to. */
function spending(before: Ticket | null, { id, session, status, reason }: Ticket): Tally {
  const isOver = status === 'failed' && before?.status !== 'failed' && reason?.code.startsWith('BUDGET_');
  const over = isOver ? [['tickets_over_budget_total', 1] as const] : [];
  if (!session?.spent) return over;
  const { tokens, costUsd } = session.spent;
  const known = before?.session?.id === session.id ? before.session.spent : undefined;
  const grown = [
    ['agent_tokens_total', tokens - (known?.tokens ?? 0)],
    ['agent_cost_usd_total', costUsd - (known?.costUsd ?? 0)],
  ] as const;
  const project = id.slice(0, id.lastIndexOf('-'));
  return [...over, ...grown.flatMap(([name, by]) => (by > 0 ? [[`${name} ${project}`, by] as const] : []))];
}

function writeBack(before: Ticket | null, event: TicketEvent, after: Ticket): Tally {
  const count = (outcome: (typeof UPDATE_OUTCOMES)[number]): Tally => [[`plane_updates_total ${outcome}`, 1]];
  if (before?.status !== 'updating') return [];
  if (after.status === 'done') return count(isStateTrouble(after.reason?.code) ? 'failed_state' : 'success');
  const isComment = event.type === 'effect.failed' && before.open[event.effectId]?.type === 'plane.comment';
  return isComment ? count('failed_comment') : [];
}
