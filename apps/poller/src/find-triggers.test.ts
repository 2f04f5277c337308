import { describe, expect, test } from 'vitest';
import { type Change, findClosing, findTrigger, isPlanned, type Triggers, wantsStateChange } from './find-triggers.ts';

const ALL: Triggers = { new_tickets: true, status_changes: true, comments: true };
const NONE: Triggers = { new_tickets: false, status_changes: false, comments: false };
const quiet: Change = { isNew: false, passes: true, group: 'started', state: undefined, isUnassigned: false };
const nothing = { isOwnState: false, hasNewComment: false };
const commented = { ...nothing, hasNewComment: true };
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
  expect(findTrigger(ALL, quiet, nothing)).toBeUndefined();
});

test('a new work item triggers when somebody has planned it', () => {
  expect(findTrigger(ALL, { ...quiet, isNew: true }, nothing)).toBe('new_ticket');
  expect(findTrigger(ALL, { ...quiet, isNew: true, group: 'backlog' }, nothing)).toBeUndefined();
  expect(findTrigger({ ...ALL, new_tickets: false }, { ...quiet, isNew: true }, nothing)).toBeUndefined();
});

test('the most telling of several reasons wins', () => {
  const everything = { ...quiet, state: moved };
  expect(findTrigger(ALL, { ...everything, isNew: true }, commented)).toBe('new_ticket');
  expect(findTrigger(ALL, everything, commented)).toBe('status_change');
  expect(findTrigger({ ...ALL, status_changes: false }, everything, commented)).toBe('comment_added');
  expect(findTrigger(NONE, { ...everything, isNew: true }, commented)).toBeUndefined();
});

test('what the filters hold back triggers nothing', () => {
  expect(findTrigger(ALL, { ...quiet, passes: false, isNew: true, state: moved }, commented)).toBeUndefined();
});

test('our own change of state triggers nothing, a comment beside it does', () => {
  const own = { ...quiet, state: moved };
  expect(findTrigger(ALL, own, { ...nothing, isOwnState: true })).toBeUndefined();
  expect(findTrigger(ALL, own, { isOwnState: true, hasNewComment: true })).toBe('comment_added');
});

test('a new work item in the backlog triggers by a comment', () => {
  const backlog = { ...quiet, isNew: true, group: 'backlog' };
  expect(findTrigger(ALL, backlog, nothing)).toBeUndefined();
  expect(findTrigger(ALL, backlog, commented)).toBe('comment_added');
});

describe('a work item that somebody has completed', () => {
  const done = { ...quiet, group: 'completed', state: { from: 'Todo', to: 'Done' } };
  const asked = { ...ALL, status_changes: [{ to: 'Done' }] };

  test('ends its ticket instead of triggering, whatever was said beside it', () => {
    expect(findTrigger(ALL, done, commented)).toBeUndefined();
    expect(findClosing(ALL, done, false)).toBe('completed in Plane ("Done")');
    expect(findClosing(ALL, { ...done, group: 'cancelled', state: moved }, false)).toBe('cancelled in Plane ("Todo")');
  });

  test('triggers where exactly that was asked for', () => {
    expect(findTrigger(asked, done, nothing)).toBe('status_change');
    expect(findClosing(asked, done, false)).toBeUndefined();
    expect(wantsStateChange({ ...ALL, status_changes: [{ from: 'Todo' }] }, done.state, 'completed')).toBe(false);
  });

  test('by ourselves ends nothing', () => {
    expect(findClosing(ALL, done, true)).toBeUndefined();
    expect(findTrigger(ALL, done, { ...nothing, isOwnState: true })).toBeUndefined();
  });

  test('may be commented on later', () => {
    expect(findTrigger(ALL, { ...quiet, group: 'completed' }, commented)).toBe('comment_added');
  });
});

test('a work item that nobody is assigned to any more ends its ticket', () => {
  expect(findClosing(ALL, { ...quiet, isUnassigned: true }, false)).toMatch(/assigned/);
  expect(findClosing(ALL, quiet, false)).toBeUndefined();
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
