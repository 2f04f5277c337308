import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from './support/stack.ts';

// The documents for operators: their commands are run as they stand, and what they quote is what the product says.

const ROOT = resolve(import.meta.dirname, '..');
const DOCUMENTS = ['operations', 'setup', 'troubleshooting', 'production-checklist'];
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const blocks = (document: string, info: string): string[] =>
  [...read(`docs/${document}.md`).matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, named, text = '']) =>
    named === info ? [text] : [],
  );

let stack: Stack;
let dir: string;
beforeAll(async () => {
  stack = await startStack();
  dir = join(stack.dir, 'checkout');
  mkdirSync(dir);
  // what a person has around who follows them, and a folder of its own for what they write
  for (const name of ['bin', 'infra', 'scripts', 'package.json']) symlinkSync(join(ROOT, name), join(dir, name));
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

test.each(DOCUMENTS)('the commands of docs/%s.md work, in their order', (document) => {
  const script = blocks(document, 'bash').join('\n');
  expect(script).not.toBe('');
  const { PATH, HOME, LANG, PCO_CONFIG, TMUX_TMPDIR } = stack.env;
  const env = { PATH, HOME, LANG, PCO_CONFIG, TMUX_TMPDIR, PCO_API_URL: stack.api };
  const ran = spawnSync('bash', ['-eu', '-c', script], { cwd: dir, env, encoding: 'utf8' });
  expect(ran.status, `${ran.stdout}\n${ran.stderr}`).toBe(0);
});

test.each(DOCUMENTS)('what the other commands of docs/%s.md name is there', (document) => {
  const host = blocks(document, 'bash host').join('\n');
  const units = readdirSync(join(ROOT, 'infra/systemd'));
  const named = (pattern: RegExp): string[] => [...host.matchAll(pattern)].map(([, name = '']) => name);
  const missing = [
    ...named(/(?:^|\s)((?:infra|scripts|apps|docs)\/[\w./-]+)/gm).filter((path) => !existsSync(join(ROOT, path))),
    ...named(/npm run ([\w:-]+)/g).filter((name) => !(name in JSON.parse(read('package.json')).scripts)),
    ...named(/\b(pco-(?!backup-\d)[\w-]+)(?=[\s.]|$)/gm).filter(
      (name) => !units.some((unit) => unit.startsWith(`${name}.`)),
    ),
    ...[...host.matchAll(/(infra\/systemd\/install|scripts\/backup|scripts\/restore)\.sh(.*)/g)].flatMap(
      ([, name = '', rest = '']) => (rest.match(/--[\w-]+/g) ?? []).filter((flag) => !usageOf(name).includes(flag)),
    ),
  ];
  expect(missing).toEqual([]);
});

const usageOf = (name: string): string =>
  read(name.startsWith('infra') ? `${name}.sh` : name.replace('scripts/', 'apps/launcher/src/').concat('.ts'));

test('what troubleshooting quotes is what the product says', () => {
  const sources = ['apps', 'packages'].flatMap((top) =>
    readdirSync(join(ROOT, top)).flatMap((name) =>
      readdirSync(join(ROOT, top, name, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
        .map((file) => read(join(top, name, 'src', file))),
    ),
  );
  const product = sources.join('\n');
  const tables = read('docs/troubleshooting.md')
    .split(/^\| (?:it|the ticket) says \| do \|$/m)
    .slice(1);
  const quoted = tables
    .map((table) => table.split('\n\n')[0] ?? '')
    .flatMap((table) => [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, words = '']) => words));
  expect(quoted.length).toBeGreaterThan(20);
  expect(quoted.filter((words) => !product.includes(words))).toEqual([]);
});

test('all questions and all topics that the documents must answer have their place', () => {
  const headings = (document: string) => read(`docs/${document}.md`).match(/^## .+$/gm) ?? [];
  expect(headings('troubleshooting')).toHaveLength(8);
  const checklist = read('docs/production-checklist.md');
  for (const topic of [
    ...['Firewall', 'CORS', 'TLS', 'Secrets', 'Logs', 'From outside', 'Disks', 'Resources', 'Poll interval'],
    ...['Upgrade and rollback', 'End to end', 'Network', 'Errors', 'Load', 'Audit', 'Retention', 'Backup'],
  ])
    expect(checklist, topic).toContain(`**${topic}`);
});
