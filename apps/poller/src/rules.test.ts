import { testConfig } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { rulesOf } from './rules.ts';

const config = testConfig({
  filters: { labels_any: ['agent'] },
  auto_approve: { priority_at_most: 'low', per_day: 2 },
  triggers: { comments: false },
});

test('a project takes the global settings and overrides triggers key by key, filters as a whole', () => {
  expect(rulesOf(config, undefined)).toMatchObject({
    filters: { labels_any: ['agent'] },
    autoApprove: { priority_at_most: 'low', per_day: 2 },
    approvalsOf: 'all',
    triggers: { new_tickets: true, comments: false },
  });
  const own = rulesOf(config, {
    filters: { state_groups: ['started'] },
    auto_approve: { per_day: 1 },
    triggers: { new_tickets: false },
    close_on_unassign: true,
  });
  expect(own.filters).toEqual({ state_groups: ['started'] });
  expect(own).toMatchObject({ approvalsOf: 'project', autoApprove: { per_day: 1 }, closeOnUnassign: true });
  expect(own.triggers).toMatchObject({ new_tickets: false, comments: false });
  expect(rulesOf(config, { auto_approve: false }).autoApprove).toBeUndefined();
});

test('lists are asked for what the rules look at, and for no more', () => {
  const plain = rulesOf(testConfig(), undefined);
  expect(plain.fields).not.toContain('assignees');
  expect(plain.expand).toEqual(['state']);
  expect(rulesOf(config, undefined).expand).toEqual(['state', 'labels']);
  const people = rulesOf(testConfig({ auto_approve: { assignees_any: ['ada'] } }), undefined);
  expect(people.fields).toContain('assignees');
  expect(people.expand).toEqual(['state', 'assignees']);
});

test('another filter has another fingerprint, the same has the same', () => {
  expect(rulesOf(config, undefined).fingerprint).toBe(rulesOf(config, {}).fingerprint);
  expect(rulesOf(config, undefined).fingerprint).not.toBe(rulesOf(testConfig(), undefined).fingerprint);
});
