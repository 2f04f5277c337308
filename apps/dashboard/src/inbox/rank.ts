import type { TicketView } from '@pco/shared/contracts/http';
import { PRIORITIES } from '@pco/shared/domain';
import { type Card, KINDS, kindOf } from '../actions/kind.ts';

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
