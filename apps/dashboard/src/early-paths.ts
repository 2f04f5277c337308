/** Who one is. */
export const FIRST = '/api/me';

/** What every page shows, or counts. */
export const THEN = [
  '/api/pending-tickets',
  '/api/active-sessions',
  '/api/completed-tickets',
  '/api/failed-tickets',
  '/health',
] as const;
