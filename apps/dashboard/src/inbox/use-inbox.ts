import { ROUTES, type TicketView } from '@pco/shared/contracts/http';
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Card } from '../actions/kind.ts';
import { useDecided } from '../actions/use-decide.ts';
import { call } from '../call.ts';
import { rank } from './rank.ts';

const LISTS = ['pendingTickets', 'activeSessions', 'completedTickets', 'failedTickets'] as const;

interface InboxState {
  readonly cards: readonly Card[];
  readonly isLoading: boolean;
  readonly error: Error | null;
  reload(): void;
}

/** What needs a person now. What was just decided is gone from it at once, and comes back where that was refused. */
export function useInbox(): InboxState {
  const { ranked, isLoading, error, reload } = useQueries({
    queries: LISTS.map((name) => ({ queryKey: ['list', name], queryFn: () => call(ROUTES[name]) })),
    combine,
  });
  const decided = useDecided();
  const cards = useMemo(() => ranked.filter(({ ticket }) => !decided.has(ticket.id)), [ranked, decided]);
  return { cards, isLoading, error, reload };
}

interface Result {
  readonly data: readonly TicketView[] | undefined;
  readonly isPending: boolean;
  readonly error: Error | null;
  refetch(): Promise<unknown>;
}

/** Not within the component: so it runs when a list has changed, and not whenever something is drawn. */
const combine = (results: readonly Result[]) => ({
  ranked: rank(results.flatMap(({ data }) => data ?? [])),
  isLoading: results.some(({ isPending }) => isPending),
  error: results.find(({ error }) => error)?.error ?? null,
  reload: () => {
    for (const { refetch } of results) void refetch();
  },
});
