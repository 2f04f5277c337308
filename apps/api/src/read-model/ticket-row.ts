import { type Kind, kindOf, type TicketRow } from '@pco/shared/contracts/http';
import { everStarted, FINAL, PRIORITIES, type Ticket } from '@pco/shared/domain';
import type { StoredTicket } from '@pco/shared/redis';
import { iso } from '@pco/shared/time';
import { errorOf, waitingFor } from '../ticket-view.ts';

/** What is kept of a ticket in memory: what one sorts and chooses by, and its row as it is sent. */
export interface IndexedTicket {
  readonly id: string;
  readonly version: number;
  /** Begin of its round, ms: the order of lists. */
  readonly begunAt: number;
  readonly status: Ticket['status'];
  readonly statusSince: number;
  readonly project: string;
  readonly projectId: string;
  /** Failed before any session of this round ran: approving again is what helps. */
  readonly isPendingAgain: boolean;
  /** Why it needs a person, if it does; a write-back that waits is not known here. */
  readonly kind: Kind | undefined;
  /** 0 is the most urgent. */
  readonly urgency: number;
  /** In what `?text=` looks, in lower case. */
  readonly text: string;
  /** A `TicketRow` as JSON: made once per change, not per request. */
  readonly json: string;
}

const ERROR_MAX = 300;

export function indexTicket({ version }: StoredTicket, ticket: Ticket): IndexedTicket {
  const { workItem } = ticket;
  return {
    id: ticket.id,
    version,
    begunAt: ticket.createdAt,
    status: ticket.status,
    statusSince: ticket.statusSince,
    project: workItem.project,
    projectId: workItem.projectId,
    isPendingAgain: ticket.status === 'failed' && !everStarted(ticket),
    kind: FINAL.has(ticket.status) ? undefined : kindOf(standingOf(ticket)),
    urgency: PRIORITIES.indexOf(workItem.priority),
    text: [ticket.id, workItem.title, workItem.project, ticket.session?.branch ?? '', ...workItem.labels]
      .join('\n')
      .toLowerCase(),
    json: JSON.stringify(rowOf(version, ticket)),
  };
}

const standingOf = (ticket: Ticket) => ({
  status: ticket.status,
  error: errorOf(ticket),
  waiting_for: waitingFor(ticket),
  write_back_waits_for: null,
});

function rowOf(version: number, ticket: Ticket): TicketRow {
  const { workItem, session, observed, reason, completedAt } = ticket;
  const parked = Object.values(ticket.open).find((effect) => effect.parked)?.parked;
  const error = reason?.text ?? (parked ? `${parked.code}: ${parked.detail}` : null);
  return {
    id: ticket.id,
    version,
    uuid: workItem.uuid,
    project: workItem.project,
    project_id: workItem.projectId,
    title: workItem.title,
    status: ticket.status,
    status_since: iso(ticket.statusSince),
    priority: workItem.priority,
    labels: workItem.labels,
    trigger_type: ticket.trigger.type,
    attempt: ticket.attempt,
    runner: ticket.runner ?? null,
    session_id: session?.id ?? null,
    error: error === null ? null : error.slice(0, ERROR_MAX).toWellFormed(),
    error_code: reason?.code ?? parked?.code ?? null,
    waiting_for: observed && ticket.status === 'waiting' ? { state: observed.state, since: iso(observed.since) } : null,
    created_at: iso(workItem.createdAt ?? ticket.createdAt),
    begun_at: iso(ticket.createdAt),
    updated_at: iso(ticket.updatedAt),
    completed_at: completedAt === undefined ? null : iso(completedAt),
  };
}
