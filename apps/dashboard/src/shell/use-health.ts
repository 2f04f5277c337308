import { useQuery } from '@tanstack/react-query';
import { call } from '../call.ts';

const EACH_MS = 5_000;

export interface HealthState {
  /** Undefined until it was asked the first time. */
  readonly status: 'online' | 'degraded' | 'offline' | undefined;
  /** What is wrong, in the service's words. */
  readonly reasons: readonly string[];
}

/** Online, degraded or offline (B-184), with what is wrong. */
export function useHealth(isAsked = true): HealthState {
  const { data, isError } = useQuery({
    queryKey: ['health'],
    queryFn: () => call('health'),
    refetchInterval: EACH_MS,
    enabled: isAsked,
  });
  if (isError) return { status: 'offline', reasons: [] };
  if (!data) return { status: undefined, reasons: [] };
  const reasons = [
    ...data.start_waits.map(({ why }) => why),
    ...data.write_stops.map(({ error }) => error),
    ...data.projects.flatMap(({ identifier, error }) => (error ? [`${identifier}: ${error}`] : [])),
  ];
  return { status: data.status === 'healthy' ? 'online' : 'degraded', reasons };
}
