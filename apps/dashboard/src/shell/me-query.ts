import { queryOptions } from '@tanstack/react-query';
import { call } from '../call.ts';

/** What was asked for before anybody showed it is not asked for again by the first who does. */
const FRESH_MS = 2_000;

/** Who one is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => call('me', { isFirst: true }),
  staleTime: FRESH_MS,
});
