import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigSchema, ENVIRONMENT, readConfig } from '@pco/shared/config';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from './services.ts';

const text = readFileSync(join(ROOT, 'config.example.yaml'), 'utf8');
const leafNames = new Set([...ENVIRONMENT.values()].map((path) => path.at(-1)));
/** With the comment marks taken off every key that stands commented: `# key: value`, and off sections of such keys. */
const uncommented = text
  .replace(/^(\s*)# (([a-z_]+): \S.*)$/gm, (line, indent, rest, name) =>
    leafNames.has(name) ? `${indent}${rest}` : line,
  )
  .replace(
    /^( *)(?:# ([a-z_]+):|([a-z_]+): \{\})\n(?=\1 {2})/gm,
    (_, at, commented, empty) => `${at}${commented ?? empty}:\n`,
  );

test('the example is a valid configuration as it stands', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pco-example-'));
  try {
    const file = join(dir, 'config.yaml');
    writeFileSync(file, text);
    writeFileSync(join(dir, 'plane-token'), 'plane_api_x\n');
    const config = readConfig({ env: {}, argv: ['--config', file], cwd: dir });
    expect(config.plane.api_token).toBe('plane_api_x');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('the example names every key', () => {
  const tree: unknown = parse(uncommented);
  const missing = [...ENVIRONMENT.values()].filter((path) => valueAt(tree, path) === undefined);
  expect(missing.map((path) => path.join('.'))).toEqual([]);
});

/** Where Redis is can be said in one of these ways, each with keys of its own. */
const PLACES: Readonly<Record<string, RegExp>> = {
  url: /^(sentinel.*|cluster|username|password|tls)$/,
  sentinels: /^(url|cluster)$/,
  cluster: /^(url|sentinel.*)$/,
};

test.each(Object.entries(PLACES))('the example is valid with every key set, and Redis named by its %s', (_, others) => {
  const { redis, ...rest } = parse(uncommented);
  const kept = Object.entries(Object(redis)).filter(([name]) => !others.test(name));
  const url = others.test('url') ? {} : { url: 'rediss://10.0.0.1:6379' }; // its authority is named too
  expect(ConfigSchema.safeParse({ ...rest, redis: { ...Object.fromEntries(kept), ...url } }).error).toBeUndefined();
});

test('the example shows the defaults', () => {
  const shown = ConfigSchema.parse(parse(text));
  const { plane, automation } = shown;
  const required = { api_url: plane.api_url, workspace_slug: plane.workspace_slug, project_ids: plane.project_ids };
  const least = {
    plane: { ...required, api_token_file: 'plane-token' },
    automation: { repo_path: automation.repo_path },
  };
  expect(shown).toEqual(ConfigSchema.parse(least));
});

test('the example of a project is valid and complete', () => {
  const block = /^projects: \{\}\n((?:#.*\n)+)/m.exec(text)?.[1] ?? '';
  const projects: unknown = parse(block.replace(/^#/gm, ''));
  const { data, error } = ConfigSchema.shape.projects.safeParse(projects);
  expect(error).toBeUndefined();
  expect(Object.keys(data?.ABC ?? {}).sort()).toEqual(
    [
      ...[
        'agent_command',
        'allowed_tools',
        'base_branch',
        'branch_prefix',
        'branch_url',
        'completed_state',
        'initial_scan',
      ],
      ...['worktree', 'setup_command', 'teardown_command', 'prompt_template', 'mcp_servers', 'hooks'],
      ...['auto_approve', 'close_on_unassign', 'filters'],
      ...['agent', 'keep_minutes', 'mode', 'model', 'permission_mode', 'pool', 'repo_path', 'triggers', 'workflow'],
      'runner_labels',
    ].sort(),
  );
});

const valueAt = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    // only mappings have keys; anything else ends the path
    (at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined),
    tree,
  );
