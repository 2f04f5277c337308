import { expect, test } from 'vitest';
import { findSession } from './tmux.ts';

const sessions = ['claude-ACME-1-2', 'claude-ACME-1', 'claude-ACME-1-10', 'claude-ACME-12', 'ACME-7'].map(
  (session) => ({
    socket: 'pco',
    session,
    since: '2026-01-01T00:00:00.000Z',
  }),
);

test.each([
  ['ACME-1', 'claude-ACME-1-10'],
  ['claude-ACME-1', 'claude-ACME-1'],
  ['ACME-12', 'claude-ACME-12'],
  ['ACME-7', 'ACME-7'],
  ['ACME', undefined],
  ['ACME-2', undefined],
])('of %s it is %s', (name, expected) => {
  expect(findSession(sessions, name)?.session).toBe(expected);
});
