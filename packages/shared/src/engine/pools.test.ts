import { expect, test } from 'vitest';
import { testConfig } from '../testing/config-fixture.ts';
import { createPolicies } from './policies.ts';
import { poolsOf, poolsOfProjects } from './pools.ts';

const projects = {
  ACME: {},
  GPU: { runner_labels: ['linux', 'gpu'] },
  GAME: { runner_labels: ['gpu', 'linux'] },
  MAC: { runner_labels: ['mac'] },
  HEAVY: { pool: 'heavy' },
};

test('labels map a project to a pool, in whatever order they stand', () => {
  const policyOf = createPolicies(testConfig({ projects }), 'installation');
  const poolOf = (project: string) => policyOf({ project, projectId: 'x' }).pool;
  expect(Object.keys(projects).map(poolOf)).toEqual(['default', 'gpu-linux', 'gpu-linux', 'mac', 'heavy']);
  expect(poolOf('OTHER')).toBe('default');
  expect(poolsOfProjects(testConfig({ projects }))).toEqual(['default', 'gpu-linux', 'mac', 'heavy']);
});

test('a runner takes the tickets of every pool that its labels let it serve, or of those that it names', () => {
  const pools = (runner: NonNullable<Parameters<typeof testConfig>[0]>['runner']) =>
    poolsOf(testConfig({ projects, runner: { id: 'runner-1', ...runner } }));
  expect(pools({})).toEqual(['default']);
  expect(pools({ labels: ['gpu', 'linux', 'arm'] })).toEqual(['default', 'gpu-linux']);
  expect(pools({ labels: ['mac'] })).toEqual(['default', 'mac']);
  expect(pools({ labels: ['mac'], pools: ['heavy', 'heavy'] })).toEqual(['heavy']);
});

test('labels that could be taken for others, or make too long a name, are refused', () => {
  const config = (runner_labels: string[]) => () => testConfig({ projects: { ACME: { runner_labels } } });
  expect(config(['a-b'])).toThrow('lower-case letters and digits');
  expect(config([])).toThrow('name at least one');
  expect(config(['a', 'b', 'c'].map((letter) => letter.repeat(14)))).toThrow('together at most 32');
});
