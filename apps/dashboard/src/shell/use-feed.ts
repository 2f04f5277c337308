import { ROUTES, TicketChange } from '@pco/shared/contracts/http';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

const SOON_MS = 50; // a burst of changes loads the lists once
const APART_MS = 1_000; // and no flood of them uses up the requests that a caller may make
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
    let load: number | undefined;
    let loadedAt = Number.NEGATIVE_INFINITY;
    /** Whose pages are out of date; all of them where it is not known. */
    let changed: Set<string> | 'all' = new Set();
    const reload = () => {
      const stale = changed;
      load = undefined;
      loadedAt = performance.now();
      changed = new Set();
      void queries.invalidateQueries({
        predicate: ({ queryKey: [kind, id] }) =>
          kind === 'list' || (kind === 'ticket' && (stale === 'all' || stale.has(String(id)))),
      });
    };
    const plan = () => {
      load ??= window.setTimeout(reload, Math.max(SOON_MS, loadedAt + APART_MS - performance.now()));
    };
    const changedAll = () => {
      changed = 'all';
      plan();
    };
    const open = () => {
      source = new EventSource(ROUTES.events.path);
      source.addEventListener('hello', () => {
        setLive(true);
        changedAll(); // what happened before it is not told by a connection that is new
      });
      source.addEventListener('ticket', ({ data }) => {
        const change = TicketChange.safeParse(JSON.parse(data));
        if (!change.success) return changedAll();
        if (changed !== 'all') changed.add(change.data.ticket_id);
        plan();
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
      window.clearTimeout(load);
    };
  }, [queries]);
  return isLive;
}
