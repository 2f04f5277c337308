import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../call.ts';

const EACH_MS = 5_000;
/** A point comes once a minute. */
const HISTORY_EACH_MS = 20_000;

const every = { refetchInterval: EACH_MS };

export const useRunners = () => useQuery({ queryKey: ['runners'], queryFn: () => call('runners'), ...every });
export const useQueues = () => useQuery({ queryKey: ['queues'], queryFn: () => call('queues'), ...every });
export const useProjects = () => useQuery({ queryKey: ['projects'], queryFn: () => call('projects'), ...every });

/** What the header asks for as well, with everything behind it. */
export const useHealthDetails = () =>
  useQuery({ queryKey: ['health'], queryFn: () => call('health'), refetchInterval: EACH_MS });

export const useHistory = (minutes: number) =>
  useQuery({
    queryKey: ['history', minutes],
    queryFn: () => call('history', { query: { minutes } }),
    refetchInterval: HISTORY_EACH_MS,
    placeholderData: keepPreviousData, // another range comes without a flash
  });
