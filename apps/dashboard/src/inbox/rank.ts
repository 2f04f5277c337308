import type { TicketView } from '@pco/shared/contracts/http';
import { PRIORITIES } from '@pco/shared/domain';

/** Why a ticket needs a person, the most urgent first: an agent that asks stands still and holds a slot. */
export const KINDS = ['asks', 'approve', 'update', 'failed'] as const;
export type Kind = (typeof KINDS)[number];

export interface Card {
  readonly kind: Kind;
  readonly ticket: TicketView;
}

/** Undefined for a ticket that needs nobody just now. */
export function kindOf({ status, error }: TicketView): Kind | undefined {
  if (status === 'waiting') return 'asks';
  if (status === 'pending') return 'approve';
  if (status === 'completed') return 'update';
  if (status === 'updating') return error === null ? undefined : 'failed';
  return status === 'failed' || status === 'blocked' ? 'failed' : undefined;
}

/** Lists may overlap and be of different moments: each ticket once, as its newest change left it. */
export function rank(tickets: readonly TicketView[]): Card[] {
  const newest = new Map<string, TicketView>();
  for (const ticket of tickets) {
    const known = newest.get(ticket.id);
    if (!known || known.updated_at < ticket.updated_at) newest.set(ticket.id, ticket);
  }
  return [...newest.values()]
    .flatMap((ticket) => {
      const kind = kindOf(ticket);
      return kind ? [{ kind, ticket }] : [];
    })
    .sort(
      (a, b) =>
        KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
        PRIORITIES.indexOf(a.ticket.priority) - PRIORITIES.indexOf(b.ticket.priority) ||
        a.ticket.status_since.localeCompare(b.ticket.status_since) ||
        a.ticket.id.localeCompare(b.ticket.id),
    );
}
