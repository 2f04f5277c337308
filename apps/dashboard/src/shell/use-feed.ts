import type { TicketChange as Change } from '@pco/shared/contracts/http';
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { addressOf } from '../call.ts';
import { mayHold } from '../lists.ts';
import { turn } from './first-picture.ts';
import { createPace } from './pace.ts';

const REOPEN_MS = 2_000;
/** More changes than that between two loads: everything is loaded. */
const TOLD_MOST = 200;

/** What the events since the last load tell of; `all` where they were not understood. */
type Told = readonly Change[] | 'all';

/** Queries whose key begins with `list` show any ticket, those of `['ticket', id]` that one. */
const isTouched = ([kind, name]: QueryKey, told: Told): boolean => {
  if (kind !== 'list' && kind !== 'ticket') return false;
  if (told === 'all') return true;
  return told.some((change) => (kind === 'list' ? mayHold(String(name), change) : change.ticket_id === name));
};

/**
 * Loads anew what events tell of, once the first picture stands: also what happened since that was asked for. The browser
 * resumes by itself; what it gave up is opened again. False while nothing is heard.
 */
export function useFeed(): boolean {
  const queries = useQueryClient();
  const [isLive, setLive] = useState(true);
  useEffect(() => {
    const gone = new AbortController();
    void turn().then(() => {
      if (!gone.signal.aborted)
        follow({
          signal: gone.signal,
          setLive,
          load: (told) => queries.invalidateQueries({ predicate: ({ queryKey }) => isTouched(queryKey, told) }),
        });
    });
    return () => gone.abort();
  }, [queries]);
  return isLive;
}

async function parse(data: string): Promise<Change> {
  await import('../zod-without-eval.ts');
  const { TicketChange } = await import('@pco/shared/contracts/http/feed');
  return TicketChange.parse(JSON.parse(data));
}

interface Following {
  readonly signal: AbortSignal;
  setLive(isLive: boolean): void;
  load(told: Told): Promise<unknown>;
}

function follow({ signal, setLive, load }: Following): void {
  let source: EventSource | undefined;
  let reopen: number | undefined;
  let told: Told = [];
  const pace = createPace(() => {
    const stale = told;
    told = [];
    return load(stale);
  });
  const hear = (change: Change | 'all') => {
    told = change === 'all' || told === 'all' || told.length >= TOLD_MOST ? 'all' : [...told, change];
    pace.ask();
  };
  const open = () => {
    source = new EventSource(addressOf('events'));
    source.addEventListener('hello', () => {
      setLive(true);
      hear('all'); // what happened before it is not told by a connection that is new
    });
    source.addEventListener('ticket', ({ data }) => {
      parse(data).then(hear, () => hear('all'));
    });
    source.addEventListener('reset', () => hear('all'));
    source.addEventListener('open', () => setLive(true));
    source.addEventListener('error', () => {
      setLive(false);
      if (source?.readyState === EventSource.CLOSED) reopen = window.setTimeout(open, REOPEN_MS);
    });
  };
  open();
  signal.addEventListener('abort', () => {
    source?.close();
    window.clearTimeout(reopen);
    pace.stop();
  });
}
