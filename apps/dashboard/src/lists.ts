import type { TicketView } from '@pco/shared/contracts/http';
import { ticketRoutes } from '@pco/shared/contracts/http/tickets';
import { replaceEqualDeep } from '@tanstack/react-query';
import { call } from './call.ts';

type ListName = 'pendingTickets' | 'activeSessions' | 'completedTickets';
type Tickets = readonly TicketView[];

/** A documented list as a query: whoever shows it shares what was loaded. */
export const listQuery = (name: ListName) => ({
  queryKey: ['list', name],
  queryFn: () => call(ticketRoutes[name]),
  // whose queries these are, made them of tickets
  structuralSharing: (before: unknown, now: unknown) => keepUnchanged(before as Tickets | undefined, now as Tickets),
});

/** A ticket that has not changed stays the very same object, wherever in the list it stands now, and is not drawn anew. */
export function keepUnchanged(before: Tickets | undefined, now: Tickets): Tickets {
  const known = new Map(before?.map((ticket) => [ticket.id, ticket]));
  return replaceEqualDeep(
    before,
    now.map((ticket) => replaceEqualDeep(known.get(ticket.id), ticket)),
  );
}
