import type { Filters } from '@pco/shared/config';
import { expect, test } from 'vitest';
import { type Filterable, isAssigned, passes } from './filters.ts';

const row: Filterable = {
  namedLabels: [{ id: 'label-1', name: 'Agent' }],
  assignees: [{ id: 'user-1', displayName: 'Ada', email: 'ada@example.com' }],
  priority: 'medium',
  state: { id: 'state-1', name: 'Todo', group: 'unstarted' },
};

test.each<[Filters, boolean]>([
  [{}, true],
  [{ labels_any: ['agent'] }, true],
  [{ labels_any: ['other', 'label-1'] }, true],
  [{ labels_any: ['other'] }, false],
  [{ labels_none: ['AGENT'] }, false],
  [{ labels_none: ['other'] }, true],
  [{ assignees_any: ['ada'] }, true],
  [{ assignees_any: ['ADA@example.com'] }, true],
  [{ assignees_any: ['user-1'] }, true],
  [{ assignees_any: ['bob'] }, false],
  [{ priorities: ['high', 'medium'] }, true],
  [{ priorities: ['high'] }, false],
  [{ priority_at_most: 'medium' }, true],
  [{ priority_at_most: 'high' }, true],
  [{ priority_at_most: 'low' }, false],
  [{ state_groups: ['unstarted'] }, true],
  [{ state_groups: ['backlog', 'started'] }, false],
  [{ labels_any: ['agent'], priorities: ['low'] }, false],
])('%j lets the work item through: %s', (filters, expected) => {
  expect(passes(filters, row)).toBe(expected);
});

test('what Plane does not say matches nothing', () => {
  const bare: Filterable = {
    namedLabels: [{ id: 'label-1', name: null }],
    assignees: [],
    priority: 'unheard of',
    state: { id: 'state-1', name: null, group: null },
  };
  expect(passes({ labels_any: ['agent'] }, bare)).toBe(false);
  expect(passes({ labels_any: ['label-1'] }, bare)).toBe(true);
  expect(passes({ state_groups: ['started'] }, bare)).toBe(false);
  expect(passes({ priority_at_most: 'none' }, bare)).toBe(true);
});

test('anybody is assigned, or one of those that the filter names', () => {
  expect(isAssigned({}, row)).toBe(true);
  expect(isAssigned({}, { assignees: [] })).toBe(false);
  expect(isAssigned({ assignees_any: ['bob'] }, row)).toBe(false);
});
