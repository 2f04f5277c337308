import type { TicketView } from '@pco/shared/contracts/http';
import { expect, test } from 'vitest';
import { keepUnchanged, mayHold } from './lists.ts';

// only what the function looks at
const ticket = (id: string, title = id) => ({ id, title, near_limits: [] }) as unknown as TicketView;

test('a ticket stays the same object until it changes, also when another one before it comes or goes', () => {
  const [a, b, c] = [ticket('A-1'), ticket('A-2'), ticket('A-3')];
  const kept = keepUnchanged([a, b, c], [ticket('A-0'), ticket('A-2'), ticket('A-3', 'changed')]);
  expect(kept.map(({ id }) => id)).toEqual(['A-0', 'A-2', 'A-3']);
  expect(kept[1]).toBe(b);
  expect(kept[2]).not.toBe(c);
  expect(kept[2]?.title).toBe('changed');
});

test('a list in which nothing has changed stays the same', () => {
  const before = [ticket('A-1'), ticket('A-2')];
  expect(keepUnchanged(before, [ticket('A-1'), ticket('A-2')])).toBe(before);
  expect(keepUnchanged(undefined, before)).toEqual(before);
});

test('a documented list is another one when a ticket comes to it, leaves it or changes in it', () => {
  expect(mayHold('activeSessions', { from: 'approved', to: 'starting' })).toBe(true);
  expect(mayHold('activeSessions', { from: 'active', to: 'completed' })).toBe(true);
  expect(mayHold('activeSessions', { from: null, to: 'pending' })).toBe(false);
  expect(mayHold('pendingTickets', { from: null, to: 'pending' })).toBe(true);
  expect(mayHold('completedTickets', { from: 'updating', to: 'done' })).toBe(true);
});

test('what holds tickets of any status is another one after any change', () => {
  expect(mayHold('inbox', { from: 'done', to: null })).toBe(true);
  expect(mayHold('tickets', { from: 'approved', to: 'starting' })).toBe(true);
});
