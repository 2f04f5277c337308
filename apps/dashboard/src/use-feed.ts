import { ROUTES } from '@pco/shared/contracts/http';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

const SOON_MS = 50; // a burst of changes loads the lists once
const APART_MS = 1_000; // and no flood of them uses up the requests that a caller may make
const REOPEN_MS = 2_000;

/** Loads anew what events tell of. The browser resumes by itself; what it gave up is opened again. False while nothing is heard. */
export function useFeed(): boolean {
  const queries = useQueryClient();
  const [isLive, setLive] = useState(true);
  useEffect(() => {
    let source: EventSource | undefined;
    let reopen: number | undefined;
    let load: number | undefined;
    let loadedAt = Number.NEGATIVE_INFINITY;
    const changed = () => {
      load ??= window.setTimeout(
        () => {
          load = undefined;
          loadedAt = performance.now();
          void queries.invalidateQueries({ queryKey: ['list'] });
        },
        Math.max(SOON_MS, loadedAt + APART_MS - performance.now()),
      );
    };
    const open = () => {
      source = new EventSource(ROUTES.events.path);
      source.addEventListener('hello', () => {
        setLive(true);
        changed(); // what happened before it is not told by a connection that is new
      });
      source.addEventListener('ticket', changed);
      source.addEventListener('reset', changed);
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
