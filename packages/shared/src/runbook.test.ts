import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { REASON_CODES } from './domain/reasons.ts';
import { ERROR_CODES } from './errors.ts';
import { HEALTH_CODES } from './service/health.ts';

// The documents are true about the code as far as a program can tell.
const ROOT = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...filesUnder('docs')].filter((path) => path.endsWith('.md'));

function filesUnder(dir: string): string[] {
  const names = readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' });
  return names.map((name) => join(dir, name));
}

test('every error code has its line in the runbook, and no other has', () => {
  const lines = [...read('docs/runbook.md').matchAll(/^\| `([A-Z_]+)` \| .+ \| .+ \|$/gm)].map(([, code]) => code);
  expect(lines.toSorted()).toEqual(ERROR_CODES.toSorted());
});

test('every code of a reason has its place in the glossary, and no other has', () => {
  const [, section = ''] = read('docs/glossary.md').split('## Codes of reasons');
  const lines = [...section.matchAll(/^\| (`.+`) \| .+ \|$/gm)].flatMap(([, codes = '']) =>
    codes.split(', ').map((code) => code.replaceAll('`', '')),
  );
  expect(lines.toSorted()).toEqual(REASON_CODES.toSorted());
});

test('every reason of a health that is degraded has its line in the runbook, and no other has', () => {
  const lines = [...read('docs/runbook.md').matchAll(/^\| `([a-z]+(?:-[a-z]+)+)` \| .+ \| .+ \|$/gm)].map(
    ([, code]) => code,
  );
  expect(lines.toSorted()).toEqual(HEALTH_CODES.toSorted());
});

test('every alarm has its line in the runbook, and no other has', () => {
  const alarms = [...read('infra/prometheus/rules.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const lines = [...read('docs/runbook.md').matchAll(/^\| `(Plane\w+)` \| .+ \| .+ \|$/gm)].map(([, name]) => name);
  expect(lines).toEqual(alarms);
});

test('a document links only to what is there', () => {
  const broken = DOCUMENTS.flatMap((path) =>
    [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !existsSync(join(ROOT, dirname(path), link)))
      .map((link) => `${path}: ${link}`),
  );
  expect(broken).toEqual([]);
});

/** A path from the root of the repository; `<` and `…` stand for a path of an installation. */
const PATH = /`((?:apps|packages|scripts|e2e|bench|infra|docs|bin)\/[^`<…* ]+)`/g;

test('a document names only files of the repository that are there', () => {
  const missing = DOCUMENTS.flatMap((path) =>
    [...read(path).matchAll(PATH)]
      .map(([, file = '']) => file)
      .filter((file) => !existsSync(join(ROOT, file)))
      .map((file) => `${path}: ${file}`),
  );
  expect(missing).toEqual([]);
});

interface Row {
  readonly number: number;
  readonly state: string;
  readonly where: string;
  readonly tests: string;
}

const rows = (): Row[] =>
  [...read('docs/behaviour.md').matchAll(/^\| B-(\d{3}) \| ([^|]+) \| [^|]+ \| ([^|]+) \| (.+) \|$/gm)].map(
    ([, number, state = '', where = '', tests = '']) => ({ number: Number(number), state, where, tests }),
  );

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('the ledger has each number of its parts once, with a state, and says where it was built', () => {
  expect(rows().map(({ number }) => number)).toEqual([
    ...range(1, 173),
    ...range(183, 195),
    ...range(209, 235),
    ...range(301, 307),
    ...range(679, 686),
    ...range(705, 727),
  ]);
  expect(rows().filter(({ state }) => !['built', 'partly', 'planned'].includes(state))).toEqual([]);
  expect(rows().filter(({ state, where }) => state !== 'planned' && !where.includes('`'))).toEqual([]);
});

test('the ledger names only tests that there are', () => {
  const wrong = rows().flatMap(({ number, tests }) =>
    tests
      .split('<br>')
      .filter((text) => text !== '–' && !isTest(text))
      .map((text) => `B-${number}: ${text}`),
  );
  expect(wrong).toEqual([]);
});

/** `file`, or `file` "name of a test in it". */
function isTest(text: string): boolean {
  const [, file, name = ''] = /^`([^`]+)`(?: "(.+)")?$/.exec(text) ?? [];
  return file !== undefined && existsSync(join(ROOT, file)) && read(file).includes(name);
}
