import type { TicketView } from '@pco/shared/contracts/http';
import { PRIORITIES } from '@pco/shared/contracts/http/tickets';
import { type Card, KINDS, kindOf } from '../actions/kind.ts';

const made = new WeakMap<TicketView, Card>();

/** The same one for the same ticket, so that it is drawn anew only when that has changed. */
function cardOf(ticket: TicketView): Card | undefined {
  const known = made.get(ticket);
  if (known) return known;
  const kind = kindOf(ticket);
  if (!kind) return undefined;
  const card = { kind, ticket };
  made.set(ticket, card);
  return card;
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
      const card = cardOf(ticket);
      return card ? [card] : [];
    })
    .sort(
      (a, b) =>
        KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
        PRIORITIES.indexOf(a.ticket.priority) - PRIORITIES.indexOf(b.ticket.priority) ||
        a.ticket.status_since.localeCompare(b.ticket.status_since) ||
        a.ticket.id.localeCompare(b.ticket.id),
    );
}
