import { ROUTES, type TicketView } from '@pco/shared/contracts/http';
import { useQueries } from '@tanstack/react-query';
import type { Card } from '../actions/kind.ts';
import { call } from '../call.ts';
import { rank } from './rank.ts';

const LISTS = ['pendingTickets', 'activeSessions', 'completedTickets', 'failedTickets'] as const;

interface InboxState {
  readonly cards: readonly Card[];
  readonly isLoading: boolean;
  readonly error: Error | null;
  reload(): void;
}

/** What needs a person now. */
export function useInbox(): InboxState {
  const results = useQueries({
    queries: LISTS.map((name) => ({ queryKey: ['list', name], queryFn: () => call(ROUTES[name]) })),
  });
  const cards = rank(results.flatMap(({ data }): TicketView[] => data ?? []));
  return {
    cards,
    isLoading: results.some(({ isPending }) => isPending),
    error: results.find(({ error }) => error)?.error ?? null,
    reload: () => {
      for (const { refetch } of results) void refetch();
    },
  };
}
