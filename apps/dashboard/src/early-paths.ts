/** Who one is. */
export const FIRST = '/api/me';

/** What every page shows, or counts. */
export const THEN = ['/api/inbox?limit=50', '/api/active-sessions', '/health'] as const;
