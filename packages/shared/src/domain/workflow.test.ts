import { expect, test } from 'vitest';
import { ATTENDED, UNATTENDED } from './testing/fixtures.ts';
import { SUPERVISED, stageAfter, stageOf, WORKFLOWS } from './workflow.ts';

test('stages follow each other in order, and the last by nothing', () => {
  expect(stageAfter(ATTENDED, 'plan')?.name).toBe('build');
  expect(stageAfter(ATTENDED, 'build')?.name).toBe('check');
  expect(stageAfter(ATTENDED, 'check')).toBeUndefined();
});

test('a stage that has left its workflow counts as the first', () => {
  expect(stageOf(UNATTENDED, 'gone').name).toBe('plan');
  expect(stageAfter(UNATTENDED, 'gone')?.name).toBe('build');
});

test('each workflow is found under its own name and its stages have names of their own', () => {
  expect(WORKFLOWS.supervised).toBe(SUPERVISED);
  for (const [name, workflow] of Object.entries(WORKFLOWS)) {
    expect(workflow.name).toBe(name);
    expect(new Set(workflow.stages.map((stage) => stage.name)).size).toBe(workflow.stages.length);
  }
});
