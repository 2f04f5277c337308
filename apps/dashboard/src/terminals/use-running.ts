import type { TicketView } from '@pco/shared/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { listQuery } from '../lists.ts';

interface Running {
  /** Tickets with a session, the oldest first: nobody's picture moves when another one comes. */
  readonly tickets: readonly TicketView[];
  readonly isLoading: boolean;
  readonly error: Error | null;
  reload(): void;
}

/** Every session that runs. */
export function useRunning(isAsked = true): Running {
  const { data, isPending, error, refetch } = useQuery({ ...listQuery('activeSessions'), enabled: isAsked });
  const tickets = (data ?? [])
    .filter(({ session_id: session }) => session !== null)
    .sort((a, b) => (a.started_at ?? '~').localeCompare(b.started_at ?? '~') || a.id.localeCompare(b.id));
  return { tickets, isLoading: isPending, error, reload: () => void refetch() };
}
