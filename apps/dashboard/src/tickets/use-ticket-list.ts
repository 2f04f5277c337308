import type { TicketList } from '@pco/shared/contracts/http';
import { keepPreviousData, type UseQueryResult, useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { call } from '../call.ts';
import { type Filter, queryOf } from './filter.ts';
import { createMerge } from './merge.ts';

/** So many are taken over between two frames. */
const PAGE = 100;
/** The cursor of the first page, which has none. */
const START = '';
const TOP: readonly number[] = [0];
/** So long a page that comes into view again needs no new look. */
const FRESH_MS = 5_000;

/**
 * Pages are loaded while somebody scrolls, and stay as they are; only those in view follow what happens, so that a long
 * list costs no more than a short one.
 */
export function useTicketList(filter: Filter) {
  const query = queryOf(filter);
  const load = (cursor: string, signal: AbortSignal) =>
    call('tickets', { query: { ...query, limit: PAGE, ...(cursor ? { cursor } : {}) }, signal });
  const scrolled = useInfiniteQuery({
    queryKey: ['tickets', query],
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: START,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: false,
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false, // it would compare all pages with each one that comes
  });
  const { data, dataUpdatedAt, isPlaceholderData } = scrolled;
  const [inView, setInView] = useState<readonly number[]>(TOP);
  const live = useMemo(
    () => (isPlaceholderData ? [] : inView.filter((at) => at < (data?.pages.length ?? 0))),
    [data, inView, isPlaceholderData],
  );
  const fresh = useQueries({
    queries: live.map((at) => {
      const cursor = data?.pages[at - 1]?.next_cursor ?? START;
      return {
        queryKey: ['list', 'tickets', query, cursor],
        queryFn: ({ signal }: { signal: AbortSignal }) => load(cursor, signal),
        initialData: data?.pages[at],
        initialDataUpdatedAt: dataUpdatedAt,
        staleTime: FRESH_MS,
      };
    }),
    combine: pagesOf,
  });
  const [merge] = useState(createMerge);
  const rows = useMemo(() => {
    const pages = data?.pages ?? [];
    const loaded = live.flatMap((at, nth) => {
      const page = fresh[nth];
      return page ? [{ page, after: pages[at - 1]?.tickets.at(-1) }] : [];
    });
    return merge(pages, loaded);
  }, [data, live, fresh, merge]);
  /** From the first to the last row that is seen. */
  const follow = useCallback((first: number, last: number) => {
    const next = [...new Set([0, Math.floor(first / PAGE), Math.floor(last / PAGE)])];
    setInView((now) => (now.join() === next.join() ? now : next));
  }, []);
  return { ...scrolled, rows, follow };
}

const pagesOf = (results: readonly UseQueryResult<TicketList>[]) => results.map(({ data }) => data);
