import type { TicketChange, TicketView } from '@pco/shared/contracts/http';
import { replaceEqualDeep } from '@tanstack/react-query';
import { call } from './call.ts';

type Tickets = readonly TicketView[];

/** The documented lists, by the statuses of the tickets in them. */
const STATUSES = {
  pendingTickets: new Set(['pending', 'failed']),
  activeSessions: new Set(['approved', 'starting', 'active', 'waiting']),
  completedTickets: new Set(['completed', 'updating']),
} as const satisfies Record<string, ReadonlySet<TicketView['status']>>;
type ListName = keyof typeof STATUSES;

/** Whether a list may be another one after a change; of what is none of those above, anything may be. */
export function mayHold(name: string, { from, to }: Pick<TicketChange, 'from' | 'to'>): boolean {
  const statuses: ReadonlySet<TicketView['status'] | null> | undefined = STATUSES[name as ListName]; // or none
  return !statuses || statuses.has(from) || statuses.has(to);
}

/** A documented list, or its first so many, as a query: whoever shows it shares what was loaded. */
export const listQuery = (name: ListName, limit?: number) => ({
  queryKey: ['list', name, limit],
  queryFn: () => call(name, { query: { limit } }),
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
