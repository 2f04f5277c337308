import { queryOptions } from '@tanstack/react-query';
import { call } from '../call.ts';

/** What was asked for before anybody showed it is not asked for again by the first who does. */
const FRESH_MS = 2_000;

async function askWho() {
  try {
    const me = await call('me');
    window.early?.letIn(true);
    return me;
  } catch (err) {
    window.early?.letIn(false);
    throw err;
  }
}

/** Who one is. */
export const meQuery = queryOptions({ queryKey: ['me'], queryFn: askWho, staleTime: FRESH_MS });
