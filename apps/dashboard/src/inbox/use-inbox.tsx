import type { TicketView } from '@pco/shared/contracts/http';
import { useQueries } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useMemo } from 'react';
import type { Card } from '../actions/kind.ts';
import { useDecided } from '../actions/use-decide.ts';
import { listQuery } from '../lists.ts';
import { rank } from './rank.ts';

const LISTS = ['pendingTickets', 'activeSessions', 'completedTickets', 'failedTickets'] as const;

interface InboxState {
  readonly cards: readonly Card[];
  readonly isLoading: boolean;
  readonly error: Error | null;
  reload(): void;
}
const InboxContext = createContext<InboxState>({ cards: [], isLoading: true, error: null, reload: () => undefined });

/** What needs a person now. What was just decided is gone from it at once, and comes back where that was refused. */
export const useInbox = (): InboxState => use(InboxContext);

/** Ranks once for all who show or count it. */
export function InboxProvider({ children }: { readonly children: ReactNode }) {
  const { ranked, isLoading, error, reload } = useQueries({ queries: LISTS.map(listQuery), combine });
  const decided = useDecided();
  const cards = useMemo(() => ranked.filter(({ ticket }) => !decided.has(ticket.id)), [ranked, decided]);
  const state = useMemo(() => ({ cards, isLoading, error, reload }), [cards, isLoading, error, reload]);
  return <InboxContext value={state}>{children}</InboxContext>;
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
