import { expect, test } from 'vitest';
import { slotLimit } from './policy.ts';
import { policyFor, UNATTENDED } from './testing/fixtures.ts';

const policy = policyFor(UNATTENDED);

test('each slot set has the limit of what it counts', () => {
  expect(slotLimit(policy, 'slots:all', 4)).toBe(5);
  expect(slotLimit(policy, 'slots:project:project-acme', 4)).toBe(3);
  expect(slotLimit(policy, 'slots:runner:runner-1', 4)).toBe(4);
  expect(slotLimit(policy, 'slots:stage:build', 4)).toBe(1);
});

test('a stage without a limit, or one that has left the workflow, has none', () => {
  expect(slotLimit(policyFor(), 'slots:stage:implement', 4)).toBe(Number.MAX_SAFE_INTEGER);
  expect(slotLimit(policy, 'slots:stage:gone', 4)).toBe(Number.MAX_SAFE_INTEGER);
});
