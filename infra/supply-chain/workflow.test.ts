import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

// What a workflow may do, and that what it names is there.

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const FOLDER = '.github/workflows';

const Step = z.strictObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.string()).optional(),
});
const Job = z.strictObject({
  'runs-on': z.string().regex(/-\d/, 'a runner of a version, not the latest'),
  'timeout-minutes': z.number().max(90),
  permissions: z.strictObject({ contents: z.literal('read') }),
  strategy: z.object({ matrix: z.record(z.string(), z.array(z.string())) }).optional(),
  steps: z.array(Step).min(1),
});
const Workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.enum(['push', 'pull_request', 'schedule', 'workflow_dispatch']), z.unknown()).or(z.unknown()),
  permissions: z.strictObject({}),
  concurrency: z.unknown(),
  jobs: z.record(z.string(), Job),
});

const workflows = readdirSync(join(ROOT, FOLDER)).map((name) => ({
  name,
  text: read(join(FOLDER, name)),
  tree: Workflow.parse(parse(read(join(FOLDER, name)))),
}));
const steps = workflows.flatMap(({ tree }) => Object.values(tree.jobs).flatMap((job) => job.steps));

test('every action is pinned by its commit, and says which version that is', () => {
  const used = workflows.flatMap(({ text }) => text.match(/uses: .*/g) ?? []);
  expect(used.length).toBeGreaterThan(4);
  expect(used.filter((line) => !/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
});

test('a workflow has no secret, runs nothing of strangers with rights, and builds no command from what they write', () => {
  for (const { text, name } of workflows) {
    expect(text, name).not.toContain('pull_request_target');
    expect(text, name).not.toMatch(/secrets\.|GITHUB_TOKEN|github\.token/);
  }
  expect(steps.filter(({ run }) => run?.includes('${{'))).toEqual([]);
  const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
  for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
});

test('packages are installed from the lockfile, and from nothing else', () => {
  const commands = steps.flatMap(({ run }) => run?.split('\n') ?? []);
  expect(commands.filter((command) => /npm (install|i|update|add)\b|npx /.test(command))).toEqual([]);
  expect(commands.filter((command) => command.startsWith('npm ci')).length).toBeGreaterThan(0);
});

test('it does what the checks before a landing do, and what it names is there', () => {
  const commands = steps.flatMap(({ run }) => run?.split('\n') ?? []);
  expect(commands).toContain('.ci/run');
  const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
  const ofNpm = ['ci', 'audit', 'sbom']; // its own, not ours
  const named = commands.flatMap((command) => {
    const [, first = '', rest = ''] = /^npm (\S+)(.*)$/.exec(command) ?? [];
    const run = first === 'run' ? rest.split(' ').find((word) => word !== '' && !word.startsWith('-')) : first;
    return run === undefined || run === '' || ofNpm.includes(first) ? [] : [run];
  });
  expect(named).toContain('test:compose');
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
  const files = commands.flatMap((command) =>
    [...command.matchAll(/(?:^|\s)((?:\.ci|infra)\/\S+)/g)].map(([, path = '']) => path),
  );
  expect(files.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('every image is built and scanned', () => {
  const built = workflows.flatMap(({ tree }) => tree.jobs.images?.strategy?.matrix.target ?? []);
  const shipped = new Set([...read('infra/compose.yaml').matchAll(/\btarget: ([\w-]+)/g)].map(([, name = '']) => name));
  expect(shipped.size).toBeGreaterThan(5);
  expect([...built].sort()).toEqual([...shipped].sort());
  expect(steps.filter(({ uses }) => uses?.startsWith('anchore/scan-action@'))).toHaveLength(1);
});
