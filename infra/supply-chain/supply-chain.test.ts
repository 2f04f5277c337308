import { expect, test } from 'vitest';
import { EXIT, judge } from './audit.ts';
import { isAllowed, packagesOf, readPackages } from './licenses.ts';

test('every package has a licence that asks for no more than a mention, or is a tool that is named', () => {
  const packages = readPackages();
  expect(packages.length).toBeGreaterThan(300);
  expect(packages.filter((one) => !isAllowed(one))).toEqual([]);
});

test.each([
  ['GPL-3.0-only', false],
  ['AGPL-3.0', false],
  ['none', false],
  ['MPL-2.0', false],
  ['SEE LICENSE IN LICENSE', false],
  ['MIT AND GPL-2.0', false],
  ['(MIT OR GPL-2.0)', true],
  ['MIT AND Apache-2.0', true],
  ['ISC', true],
])('of an unknown package %s is allowed: %s', (license, expected) => {
  expect(isAllowed({ name: 'some-package', version: '1.0.0', license, isTool: false })).toBe(expected);
});

test('packages are those that are installed, nested ones too, and none of our own', () => {
  const lock = {
    packages: {
      '': { version: '1.0.0' },
      'apps/api': { version: '1.0.0' },
      'node_modules/@pco/api': { link: true },
      'node_modules/b': { version: '2.0.0', license: 'MIT' },
      'node_modules/b/node_modules/@x/a': { version: '3.0.0', license: 'ISC', dev: true },
    },
  };
  expect(packagesOf(JSON.stringify(lock))).toEqual([
    { name: '@x/a', version: '3.0.0', license: 'ISC', isTool: true },
    { name: 'b', version: '2.0.0', license: 'MIT', isTool: false },
  ]);
});

test('an audit with something severe fails, one without passes, and one that could not be made is neither', () => {
  const report = (severity: string) =>
    JSON.stringify({ vulnerabilities: { qs: { severity, range: '<6' } }, metadata: {} });
  expect(judge(report('critical'))).toMatchObject({
    exit: EXIT.findings,
    lines: ['critical: qs <6', expect.any(String)],
  });
  expect(judge(report('high')).exit).toBe(EXIT.findings);
  expect(judge(report('moderate')).exit).toBe(EXIT.clean);
  expect(judge(JSON.stringify({ vulnerabilities: {} })).exit).toBe(EXIT.clean);
  expect(judge(JSON.stringify({ message: '405 Method Not Allowed', statusCode: 405 }))).toEqual({
    exit: EXIT.notAsked,
    lines: [expect.stringContaining('405 Method Not Allowed')],
  });
  for (const nothing of ['', 'npm error', '[]']) expect(judge(nothing).exit, nothing).toBe(EXIT.notAsked);
});
