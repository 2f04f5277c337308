import { feedRoutes, TicketChange } from '@pco/shared/contracts/http/feed';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { createPace } from './pace.ts';

const REOPEN_MS = 2_000;

/**
 * Loads anew what events tell of: queries whose key begins with `list` on any change, those of `['ticket', id]` on a change
 * of that ticket. The browser resumes by itself; what it gave up is opened again. False while nothing is heard.
 */
export function useFeed(): boolean {
  const queries = useQueryClient();
  const [isLive, setLive] = useState(true);
  useEffect(() => {
    let source: EventSource | undefined;
    let reopen: number | undefined;
    /** Whose pages are out of date; all of them where it is not known. */
    let changed: Set<string> | 'all' = new Set();
    const pace = createPace(() => {
      const stale = changed;
      changed = new Set();
      return queries.invalidateQueries({
        predicate: ({ queryKey: [kind, id] }) =>
          kind === 'list' || (kind === 'ticket' && (stale === 'all' || stale.has(String(id)))),
      });
    });
    const changedAll = () => {
      changed = 'all';
      pace.ask();
    };
    const open = () => {
      source = new EventSource(feedRoutes.events.path);
      source.addEventListener('hello', () => {
        setLive(true);
        changedAll(); // what happened before it is not told by a connection that is new
      });
      source.addEventListener('ticket', ({ data }) => {
        const change = TicketChange.safeParse(JSON.parse(data));
        if (!change.success) return changedAll();
        if (changed !== 'all') changed.add(change.data.ticket_id);
        pace.ask();
      });
      source.addEventListener('reset', changedAll);
      source.addEventListener('open', () => setLive(true));
      source.addEventListener('error', () => {
        setLive(false);
        if (source?.readyState === EventSource.CLOSED) reopen = window.setTimeout(open, REOPEN_MS);
      });
    };
    open();
    return () => {
      source?.close();
      window.clearTimeout(reopen);
      pace.stop();
    };
  }, [queries]);
  return isLive;
}
