import { ROUTES } from '@pco/shared/contracts/http';
import { expect, test } from 'vitest';
import { addressOf } from './call.ts';
import { FIRST, THEN } from './early-paths.ts';
import { PAGE } from './inbox/page.ts';

test('what is asked for early are operations that the page calls', () => {
  const called = [ROUTES.activeSessions, ROUTES.health];
  const inbox = addressOf(ROUTES.inbox, { query: { limit: PAGE } });
  expect([FIRST, ...THEN]).toEqual([ROUTES.me.path, inbox, ...called.map(({ path }) => path)]);
});
