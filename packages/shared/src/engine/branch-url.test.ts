import { expect, test } from 'vitest';
import type { Ticket } from '../domain/index.ts';
import { branchUrl } from './branch-url.ts';

const TEMPLATE = 'https://git.example.com/acme/tree/{branch}?from={branch}';
// only what the function looks at
const ticket = (result: Ticket['result'], branch = 'pco/ACME-1') =>
  ({ session: { id: 'claude-ACME-1', branch }, result }) as Ticket;

test('each part of the branch is encoded, its slashes stay', () => {
  const url = branchUrl(TEMPLATE, ticket({ commits: 2, unpushed: 0 }, 'a b/$&/c?d#e'));
  expect(url).toBe('https://git.example.com/acme/tree/a%20b/%24%26/c%3Fd%23e?from=a%20b/%24%26/c%3Fd%23e');
});

test.each([
  ['nobody has looked at the work yet', undefined],
  ['there are no commits', { commits: 0, unpushed: 0 }],
  ['a part is not pushed', { commits: 2, unpushed: 1 }],
] as const)('there is none while %s', (_, result) => {
  expect(branchUrl(TEMPLATE, ticket(result))).toBeUndefined();
});

test('there is none for a project that does not say where its branches are shown', () => {
  expect(branchUrl(undefined, ticket({ commits: 1, unpushed: 0 }))).toBeUndefined();
});
