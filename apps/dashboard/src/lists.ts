import { ROUTES } from '@pco/shared/contracts/http';
import { call } from './call.ts';

type ListName = 'pendingTickets' | 'activeSessions' | 'completedTickets' | 'failedTickets';

/** A documented list as a query: whoever shows it shares what was loaded. */
export const listQuery = (name: ListName) => ({
  queryKey: ['list', name],
  queryFn: () => call(ROUTES[name]),
});
