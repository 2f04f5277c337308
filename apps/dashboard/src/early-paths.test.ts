import { ROUTES } from '@pco/shared/contracts/http';
import { expect, test } from 'vitest';
import { FIRST, THEN } from './early-paths.ts';

test('what is asked for early are operations that the page calls', () => {
  const called = [
    ROUTES.pendingTickets,
    ROUTES.activeSessions,
    ROUTES.completedTickets,
    ROUTES.failedTickets,
    ROUTES.health,
  ];
  expect([FIRST, ...THEN]).toEqual([ROUTES.me, ...called].map(({ path }) => path));
});
