import type { TicketView } from '@pco/shared/contracts/http';
import type { QueryClient } from '@tanstack/react-query';
import type { InboxPages } from '../inbox/use-inbox-pages.ts';

const PATIENCE_MS = 10_000;

/**
 * Until a list shows that the agent asks no more what it asked: what was sent is typed a moment later, and the agent says
 * itself that it goes on. Who sees nothing of it after a while is asked again.
 */
export function untilMovedOn(queries: QueryClient, ticket: TicketView): Promise<void> {
  const asksStill = (): boolean =>
    queries
      .getQueriesData<InboxPages>({ queryKey: ['list', 'inbox'], type: 'active' })
      .flatMap(([, data]) => data?.pages ?? [])
      .some(({ tickets }) => tickets.some((one) => one.id === ticket.id && isSameQuestion(one, ticket)));
  return new Promise((resolve) => {
    const look = () => {
      if (asksStill()) return;
      stop();
      window.clearTimeout(timer);
      resolve();
    };
    const stop = queries.getQueryCache().subscribe(look);
    const timer = window.setTimeout(() => {
      stop();
      resolve();
    }, PATIENCE_MS);
    look();
  });
}

const isSameQuestion = (one: TicketView, other: TicketView): boolean =>
  one.status_since === other.status_since && one.waiting_for?.since === other.waiting_for?.since;
