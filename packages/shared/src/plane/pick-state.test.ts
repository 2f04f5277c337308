import { expect, test } from 'vitest';
import { type PlaneState, pickCompletedState } from './pick-state.ts';

const state = (name: string, group: string, sequence: number, id = `id-${name}`): PlaneState => ({
  id,
  name,
  group,
  sequence,
  isDefault: false,
});
const BOARD = [
  state('Backlog', 'backlog', 1),
  state('Blocked', 'started', 9),
  state('In Progress', 'started', 3),
  state('Done', 'completed', 4, '0b7d3b6e-5f1c-4d38-9d0a-94f2b7a1c3e5'),
];
const name = (states: readonly PlaneState[], wanted?: string) => pickCompletedState(states, wanted)?.name;

test('In Review is taken where the project has it', () => {
  expect(name([...BOARD, state('In Review', 'started', 99)])).toBe('In Review');
});

test('without In Review it is the first started state', () => {
  expect(name(BOARD)).toBe('In Progress');
});

test('it is never a completed state by default', () => {
  expect(name([state('Done', 'completed', 1), state('In Review', 'completed', 2)])).toBeUndefined();
});

test('a wanted state is found by name, by UUID in any case, and by group', () => {
  expect(name(BOARD, 'Blocked')).toBe('Blocked');
  expect(name(BOARD, '0B7D3B6E-5F1C-4D38-9D0A-94F2B7A1C3E5')).toBe('Done');
  expect(name(BOARD, 'group:started')).toBe('In Progress');
});

test('a name comes before a group', () => {
  expect(name([...BOARD, state('group:started', 'backlog', 7)], 'group:started')).toBe('group:started');
});

test.each(['in progress', 'group:cancelled', 'group:', 'nothing', ''])('%j is not found', (wanted) => {
  expect(name(BOARD, wanted)).toBeUndefined();
});
