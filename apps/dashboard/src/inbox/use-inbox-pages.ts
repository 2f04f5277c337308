import type { TicketView } from '@pco/shared/contracts/http';
import type { Inbox } from '@pco/shared/contracts/http/inbox';
import { KINDS, kindOf } from '@pco/shared/contracts/http/kinds';
import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  replaceEqualDeep,
  useInfiniteQuery,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Card } from '../actions/kind.ts';
import { useDecided } from '../actions/use-decide.ts';
import { call } from '../call.ts';

/** What was asked for before anybody showed it is not asked for again by the first who does. */
const FRESH_MS = 2_000;
/** The cursor of the first page, which has none. */
const START = '';

export const inboxKey = (words: string) => ['list', 'inbox', words] as const;
export type InboxPages = InfiniteData<Inbox>;

export interface InboxState {
  /** As far as they are loaded; what was just decided is gone at once, and comes back where that was refused. */
  readonly cards: readonly Card[];
  /** Of all that there are. */
  readonly counts: Inbox['counts'];
  readonly total: number;
  readonly first: Inbox | undefined;
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  more(): void;
  reload(): void;
}

export const inboxQuery = (words: string) =>
  infiniteQueryOptions({
    queryKey: inboxKey(words),
    queryFn: ({ pageParam, signal }) =>
      call('inbox', {
        query: { ...(words ? { text: words } : {}), ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
        isFirst: true,
      }),
    initialPageParam: START,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    staleTime: FRESH_MS,
    // whose query it is, made it of pages
    structuralSharing: (before, now) => keepUnchanged(before as InboxPages | undefined, now as InboxPages),
  });

/** What needs a person now, page by page: whatever happens, all that is loaded is asked for again, from the top. */
export function useInboxPages(words: string): InboxState {
  const query = useInfiniteQuery({ ...inboxQuery(words), placeholderData: keepPreviousData });
  // whether it is being asked for is not looked at: everybody would be drawn anew with every question
  const { data, isPending, error, hasNextPage, fetchNextPage, refetch } = query;
  const decided = useDecided();
  const shown = useMemo(() => show(data, decided), [data, decided]);
  return useMemo(
    () => ({
      ...shown,
      first: data?.pages[0],
      isLoading: isPending,
      error,
      hasMore: hasNextPage,
      more: () => {
        if (hasNextPage) void fetchNextPage({ cancelRefetch: false });
      },
      reload: () => void refetch(),
    }),
    [shown, data, isPending, error, hasNextPage, fetchNextPage, refetch],
  );
}

const NONE: Inbox['counts'] = { asks: 0, approve: 0, update: 0, failed: 0, blocked: 0 };

/** Pages are of different moments: what moved from one to another meanwhile shows once. */
function show(data: InboxPages | undefined, decided: ReadonlySet<string>) {
  const counts = { ...(data?.pages[0]?.counts ?? NONE) };
  const seen = new Set<string>();
  const cards: Card[] = [];
  for (const ticket of data?.pages.flatMap(({ tickets }) => tickets) ?? []) {
    const card = cardOf(ticket);
    if (!card || seen.has(ticket.id)) continue;
    seen.add(ticket.id);
    if (decided.has(ticket.id)) counts[card.kind] -= 1;
    else cards.push(card);
  }
  return { cards, counts, total: KINDS.reduce((sum, kind) => sum + counts[kind], 0) };
}

/** A ticket that has not changed stays the very same object, on whatever page it stands now, and is not drawn anew. */
function keepUnchanged(before: InboxPages | undefined, now: InboxPages): InboxPages {
  const known = new Map(before?.pages.flatMap(({ tickets }) => tickets.map((ticket) => [ticket.id, ticket] as const)));
  const pages = now.pages.map((page) => ({
    ...page,
    tickets: page.tickets.map((ticket) => replaceEqualDeep(known.get(ticket.id), ticket)),
  }));
  return replaceEqualDeep(before, { ...now, pages });
}

const made = new WeakMap<TicketView, Card>();

/** The same one for the same ticket, so that it is drawn anew only when that has changed. */
function cardOf(ticket: TicketView): Card | undefined {
  const known = made.get(ticket);
  if (known) return known;
  const kind = kindOf(ticket);
  if (!kind) return undefined;
  const card = { kind, ticket };
  made.set(ticket, card);
  return card;
}
