import { expect, test } from 'vitest';
import { addressOf } from './call.ts';
import { FIRST, THEN } from './early-paths.ts';
import { PAGE } from './inbox/page.ts';

test('what is asked for early are operations that the page calls', () => {
  const inbox = addressOf('inbox', { query: { limit: PAGE } });
  expect([FIRST, ...THEN]).toEqual([addressOf('me'), inbox]);
});
