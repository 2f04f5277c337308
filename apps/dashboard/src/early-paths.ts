/** Who one is. */
export const FIRST = '/api/me';

/** What is shown first, and counted on every page. */
export const THEN = ['/api/inbox?limit=50'] as const;
