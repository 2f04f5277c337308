import { expect, test } from 'vitest';
import { type Change, findTrigger, isPlanned, type Triggers, wantsStateChange } from './find-triggers.ts';

const ALL: Triggers = { new_tickets: true, status_changes: true, comments: true };
const NONE: Triggers = { new_tickets: false, status_changes: false, comments: false };
const quiet: Change = { isNew: false, group: 'started', state: undefined, isOwnState: false, hasNewComment: false };
const moved = { from: 'Backlog', to: 'Todo' };

test.each([
  ['backlog', false],
  ['unstarted', true],
  ['started', true],
  ['completed', false],
  ['cancelled', false],
  ['triage', false],
  [null, false],
] as const)('work in the group %s is planned: %s', (group, planned) => {
  expect(isPlanned(group)).toBe(planned);
});

test('what did not change triggers nothing', () => {
  expect(findTrigger(ALL, quiet)).toBeUndefined();
});

test('a new work item triggers when somebody has planned it', () => {
  expect(findTrigger(ALL, { ...quiet, isNew: true })).toBe('new_ticket');
  expect(findTrigger(ALL, { ...quiet, isNew: true, group: 'backlog' })).toBeUndefined();
  expect(findTrigger({ ...ALL, new_tickets: false }, { ...quiet, isNew: true })).toBeUndefined();
});

test('the most telling of several reasons wins', () => {
  const everything = { ...quiet, state: moved, hasNewComment: true };
  expect(findTrigger(ALL, { ...everything, isNew: true })).toBe('new_ticket');
  expect(findTrigger(ALL, everything)).toBe('status_change');
  expect(findTrigger({ ...ALL, status_changes: false }, everything)).toBe('comment_added');
  expect(findTrigger(NONE, { ...everything, isNew: true })).toBeUndefined();
});

test('our own change of state triggers nothing, a comment beside it does', () => {
  const own = { ...quiet, state: moved, isOwnState: true };
  expect(findTrigger(ALL, own)).toBeUndefined();
  expect(findTrigger(ALL, { ...own, hasNewComment: true })).toBe('comment_added');
});

test('a new work item in the backlog triggers by a comment, not by its state', () => {
  const backlog = { ...quiet, isNew: true, group: 'backlog', state: moved };
  expect(findTrigger(ALL, backlog)).toBeUndefined();
  expect(findTrigger(ALL, { ...backlog, hasNewComment: true })).toBe('comment_added');
});

test.each([
  [true, true],
  [false, false],
  [[], false],
  [[{ from: 'Backlog', to: 'Todo' }], true],
  [[{ from: 'backlog', to: 'TODO' }], true],
  [[{ from: 'Backlog' }], true],
  [[{ to: 'Todo' }], true],
  [[{}], true],
  [[{ from: 'Todo', to: 'Backlog' }], false],
  [[{ from: 'Done' }, { to: 'Todo' }], true],
  [[{ from: 'Backlog', to: 'Done' }], false],
])('status_changes %j wants Backlog → Todo: %s', (status_changes, wanted) => {
  expect(wantsStateChange({ ...ALL, status_changes }, moved)).toBe(wanted);
});

test('a state without a name matches only where no name was asked for', () => {
  const nameless = { from: null, to: 'Todo' };
  expect(wantsStateChange({ ...ALL, status_changes: [{ to: 'Todo' }] }, nameless)).toBe(true);
  expect(wantsStateChange({ ...ALL, status_changes: [{ from: 'Backlog' }] }, nameless)).toBe(false);
});
