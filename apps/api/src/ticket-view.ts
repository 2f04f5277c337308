import type { TicketView } from '@pco/shared/contracts/http';
import { everStarted, sessionName, type Ticket } from '@pco/shared/domain';
import type { StartWait } from '@pco/shared/engine';
import { type WebPlace, workItemUrl } from '@pco/shared/plane';
import { iso } from '@pco/shared/time';
import type { WriteWait } from './write-waits.ts';

const isoOrNull = (at: number | undefined): string | null => (at === undefined ? null : iso(at));

/** What stands elsewhere than in the ticket. */
interface Around {
  readonly writeWait: WriteWait | null;
  readonly projectError: string | null;
  readonly startWait: StartWait | null;
}
const NOTHING: Around = { writeWait: null, projectError: null, startWait: null };

/** A ticket as the documented lists show it (B-082, B-083), with what we add beside the documented fields. */
export function ticketView(
  ticket: Ticket,
  description: string,
  plane: WebPlace,
  { writeWait, projectError, startWait } = NOTHING,
): TicketView {
  const { workItem, session, reason, result } = ticket;
  return {
    id: ticket.id,
    uuid: workItem.uuid,
    project_id: workItem.projectId,
    title: workItem.title,
    description,
    trigger_type: ticket.trigger.type,
    summary: ticket.summary ?? null,
    created_at: iso(workItem.createdAt ?? ticket.createdAt),
    updated_at: iso(ticket.updatedAt),
    completed_at: isoOrNull(ticket.completedAt),
    status: ticket.status,
    status_since: iso(ticket.statusSince),
    priority: workItem.priority,
    session_id: session?.id ?? null,
    runner: ticket.runner ?? null,
    started_at: isoOrNull(session?.startedAt),
    attempt: ticket.attempt,
    missed_triggers: ticket.counters.missedTriggers,
    error: errorOf(ticket),
    error_code: reason?.code ?? null,
    waiting_for: waitingFor(ticket),
    waits_for: startWait,
    write_back_waits_for: writeWait,
    project_error: projectError,
    branch: session?.branch ?? null,
    plane_url: hasWorkItem(ticket) ? workItemUrl(plane, ticket.id) : null,
    result: result ?? null,
    /** What its session had used when somebody was last told of a limit, and which limits those were. */
    used: session?.used ?? null,
    near_limits: session?.warned ?? [],
  };
}

export function waitingFor({ status, observed }: Ticket): TicketView['waiting_for'] {
  if (!observed || (status !== 'waiting' && observed.state !== 'unreachable')) return null;
  const { state, since, detail = null, choices = [] } = observed;
  return { state, since: iso(since), detail, choices };
}

/** One that was added to try the flow has none in Plane. */
const hasWorkItem = ({ trigger }: Ticket): boolean => trigger.type !== 'manual_test';

/** What is wrong with it, or with what is to be done for it. */
export const errorOf = ({ reason, open }: Ticket): string | null => reason?.text ?? parkedText(open);

const parkedText = (open: Ticket['open']): string | null => {
  const parked = Object.values(open).find((effect) => effect.parked)?.parked;
  return parked ? `${parked.code}: ${parked.detail}` : null;
};

/** The session that an approval promised, whether or not it has been claimed yet. */
export const promisedSession = (ticket: Ticket, prefix: string): string =>
  sessionName(prefix, ticket.id, ticket.sessionSeq);

/** Failed before any session lived: shown as pending, with the error, because approving again is what helps. */
export const isPendingAgain = (ticket: Ticket): boolean => ticket.status === 'failed' && !everStarted(ticket);
