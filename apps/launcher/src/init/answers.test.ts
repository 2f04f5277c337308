import { expect, test } from 'vitest';
import { pickProject, repoFromFlags } from './answers.ts';

const abc = {
  id: '11111111-1111-4111-8111-111111111111',
  identifier: 'ABC',
  name: 'A',
  isMember: true,
  archivedAt: null,
};
const xyz = { ...abc, id: '22222222-2222-4222-8222-222222222222', identifier: 'XYZ' };

test('a project is named by its number, identifier or UUID', () => {
  expect(pickProject('2', [abc, xyz])).toBe(xyz);
  expect(pickProject('xyz', [abc, xyz])).toBe(xyz);
  expect(pickProject(abc.id.toUpperCase(), [abc, xyz])).toBe(abc);
  expect(() => pickProject('3', [abc, xyz])).toThrow('no project "3"');
});

test('a repository is given for one project or for all', () => {
  expect(repoFromFlags(['/all', 'abc=/own'], abc)).toBe('/own');
  expect(repoFromFlags(['/all', 'abc=/own'], xyz)).toBe('/all');
  expect(repoFromFlags(['abc=/own'], xyz)).toBeUndefined();
});
