import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { type Config, readConfig } from './index.ts';

const PLANE = {
  api_url: 'https://plane.example.com/api/v1',
  api_token: 'plane_api_from_the_file',
  workspace_slug: 'acme',
  project_ids: ['6029a8d4-2c7f-4f0c-9a1e-0d5a4c6b7e8f'],
};

interface Given {
  readonly tree?: unknown;
  readonly text?: string;
  readonly env?: Record<string, string>;
  readonly argv?: string[];
  /** Beside the file, by name. */
  readonly files?: Record<string, string>;
}

/** A folder with a config.yaml, and what the services make of it. */
function read({
  tree = { plane: PLANE },
  text,
  env = {},
  argv = [],
  files = {},
}: Given = {}): Config & { dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'pco-config-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
  writeFileSync(join(dir, 'config.yaml'), text ?? stringify(tree));
  return { ...readConfig({ env, argv, cwd: dir }), dir };
}

/** The faults of a configuration that must not be accepted. */
function faults(given: Given): string[] {
  try {
    read(given);
  } catch (err) {
    if (err instanceof AppError && err.code === 'CONFIG_INVALID') return z.array(z.string()).parse(err.details.faults);
    throw err;
  }
  throw new Error('the configuration was accepted');
}

const plane = (over: object) => ({ plane: { ...PLANE, ...over } });

test('a short file is enough', () => {
  const config = read();
  expect(config.plane).toMatchObject({ poll_interval: 60, initial_scan: 'baseline', requests_per_minute: 50 });
  expect(config.api).toMatchObject({ host: '127.0.0.1', port: 5002, test_endpoint: false, cors_origins: [] });
});

test('every fault is reported at once, each with its path', () => {
  const tree = {
    plane: { api_url: 'plane.example.com', workspace_slug: 'a b', poll_interval: 5, colour: 'red' },
    automation: { branch_prefix: '-x', permission_mode: 'yolo', agent_command: [] },
    triggers: { status_changes: [{ form: 'Todo' }], comments: 'often' },
    projects: { ACME: { repo_path: '', wrokflow: 'supervised' } },
    runner: { id: 'Runner 1', slots: 0 },
    api: { port: 70_000, token: 'short', cors_origins: 'x' },
    redis: { url: 'http://localhost', prefix: 'a:b' },
    logging: { level: 'loud' },
    surprise: 1,
  };
  const found = faults({ tree });
  const paths = [
    'plane.api_url: must be an http(s) URL',
    'plane.workspace_slug: letters, digits',
    'plane.poll_interval: at least 10 seconds',
    'plane: unknown key "colour"',
    'plane.api_token: missing',
    'automation.branch_prefix',
    'automation.permission_mode',
    'automation.agent_command',
    'triggers.comments',
    'projects.ACME.repo_path',
    'projects.ACME: unknown key "wrokflow"',
    'runner.id',
    'runner.slots',
    'api.port',
    'api.token: at least 16 characters',
    'api.cors_origins',
    'redis.url: must begin with redis://',
    'redis.prefix',
    'logging.level',
    'the file: unknown key "surprise"',
  ];
  for (const path of paths)
    expect(
      found.filter((line) => line.startsWith(path)),
      path,
    ).toHaveLength(1);
  expect(found.some((line) => line.startsWith('triggers.status_changes'))).toBe(true);
  expect(found).toHaveLength(paths.length + 1);
});

test('a fault never repeats a value, which may be a secret', () => {
  const found = faults({ tree: plane({ api_token: ['plane_api_secret'], api_url: 'ftp://user:secret@host' }) });
  expect(found.join('\n')).not.toContain('secret');
});

test('the message names the file and has one line per fault', () => {
  try {
    read({ tree: {} });
    expect.unreachable();
  } catch (err) {
    expect(String(err)).toMatch(/config\.yaml\n {2}- plane: /);
  }
});

test('environment goes before file, file before default, and an empty variable counts for nothing', () => {
  const tree = { ...plane({ poll_interval: 120 }), api: { port: 6000 } };
  const config = read({ tree, env: { PCO_PLANE_POLL_INTERVAL: '30', PCO_API_PORT: '' } });
  expect([config.plane.poll_interval, config.api.port, config.poller.port]).toEqual([30, 6000, 5003]);
});

test('the environment alone is enough', () => {
  const env = {
    PCO_PLANE_API_URL: 'https://plane.example.com/api/v1/',
    PCO_PLANE_API_TOKEN: 'token',
    PCO_PLANE_WORKSPACE_SLUG: 'acme',
    PCO_PLANE_PROJECT_IDS: 'one, two',
    PCO_REDIS_URL: 'redis://localhost',
  };
  const dir = mkdtempSync(join(tmpdir(), 'pco-config-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const config = readConfig({ env, argv: [], cwd: dir });
  expect(config.plane).toMatchObject({ api_url: 'https://plane.example.com/api/v1', project_ids: ['one', 'two'] });
  expect(config.data_dir).toBe(join(dir, 'data'));
});

test('variables hold numbers, booleans and lists; what does not fit is a fault of that key', () => {
  const env = {
    PCO_API_PORT: '6001',
    PCO_API_TEST_ENDPOINT: 'TRUE',
    PCO_TRIGGERS_STATUS_CHANGES: 'false',
    PCO_TRIGGERS_COMMENTS: 'false',
    PCO_API_CORS_ORIGINS: 'https://a.example, https://b.example',
    PCO_AUTOMATION_AGENT_COMMAND: '/bin/agent,--quiet',
    PCO_RUNNER_SLOTS: '3',
    PCO_LOGGING_LEVEL: 'WARNING',
    PCO_TMUX_SESSION_SERVICE_URL: 'http://host:5001/',
  };
  const config = read({ env });
  expect(config.api).toMatchObject({ port: 6001, test_endpoint: true });
  expect(config.api.cors_origins).toEqual(['https://a.example', 'https://b.example']);
  expect(config.triggers).toMatchObject({ status_changes: false, comments: false, new_tickets: true });
  expect(config.automation.agent_command).toEqual(['/bin/agent', '--quiet']);
  expect(config.runner.slots).toBe(3);
  expect(config.logging.level).toBe('warn');
  expect(config.tmux_session_service.url).toBe('http://host:5001');
  const bad = { PCO_API_TEST_ENDPOINT: 'yes', PCO_RUNNER_SLOTS: 'many', PCO_TRIGGERS_STATUS_CHANGES: 'Todo' };
  const found = faults({ env: bad });
  for (const path of ['api.test_endpoint', 'runner.slots', 'triggers.status_changes'])
    expect(
      found.some((line) => line.startsWith(path)),
      path,
    ).toBe(true);
});

test('variables without our prefix mean nothing', () => {
  expect(
    read({ env: { URL: 'x', LEVEL: 'loud', FILE: 'y', API_TOKEN: 'z', PLANE_API_TOKEN: 'z' } }).plane,
  ).toMatchObject({
    api_token: PLANE.api_token,
  });
});

test('a token file is read from beside the configuration and trimmed', () => {
  const { api_token: _, ...rest } = PLANE;
  const tree = { plane: { ...rest, api_token_file: 'secrets/token' } };
  expect(read({ tree, files: { 'secrets/token': ' plane_api_x\n' } }).plane.api_token).toBe('plane_api_x');
  expect(faults({ tree })).toEqual([expect.stringMatching(/^plane\.api_token_file: .*secrets\/token cannot be read/)]);
  expect(faults({ tree, files: { 'secrets/token': '\n' } })).toEqual([
    expect.stringMatching(/^plane\.api_token_file: .*secrets\/token is empty/),
  ]);
});

const LONG = 'a-secret-that-is-long-enough';
test.each([
  ['tmux_session_service', 'token', LONG],
  ['tmux_session_service', 'view_token', LONG],
  ['api', 'token', LONG],
  ['session_worker', 'token', LONG],
  ['transcription', 'token', LONG],
  ['redis', 'url', 'redis://:password@127.0.0.1:6379/0'],
] as const)('%s.%s may stand in a file of its own, which a variable replaces', (section, key, secret) => {
  const tree = { plane: PLANE, [section]: { [`${key}_file`]: 'own' } };
  const files = { own: `${secret}\n` };
  const secretOf = (config: Config): unknown => (config[section] as Record<string, unknown>)[key]; // of that section
  expect(secretOf(read({ tree, files }))).toBe(secret);
  const other = `${secret}1`;
  const name = `PCO_${section}_${key}`.toUpperCase();
  expect(secretOf(read({ tree, env: { [name]: other } }))).toBe(other);
  expect(secretOf(read({ env: { [`${name}_FILE`]: 'own' }, files }))).toBe(secret);
  expect(faults({ tree })).toEqual([expect.stringMatching(`^${section}\\.${key}_file: .*own cannot be read`)]);
  expect(faults({ tree, files: { own: ' ' } })).toEqual([expect.stringMatching(`${key}_file: .*own is empty`)]);
  const [fault = ''] = faults({ tree, files: { own: 'short' } });
  expect(fault).toMatch(`${section}.${key}: `);
  expect(fault).not.toMatch('short');
});

test('named tokens may stand in a file of their own, with the same form', () => {
  const named = { grafana: { role: 'viewer', hash: 'a'.repeat(64), expires: '2027-01-31' } };
  const tree = { plane: PLANE, api: { tokens_file: 'tokens.yaml' } };
  const config = read({ tree, files: { 'tokens.yaml': stringify(named) } });
  expect(config.api.tokens).toMatchObject({ grafana: { role: 'viewer', hash: 'a'.repeat(64) } });
  const fault = (text?: string) => faults({ tree, files: text === undefined ? {} : { 'tokens.yaml': text } }).join();
  expect(fault()).toMatch(/^api\.tokens_file: .*tokens\.yaml cannot be read/);
  expect(fault('{}')).toMatch(/is empty/);
  expect(fault('- a list')).toMatch(/must hold a mapping of names/);
  expect(fault(stringify({ ci: { role: 'king', hash: 'a'.repeat(64) } }))).toMatch(/ci\.role/);
  expect(fault(stringify({ ci: { role: 'viewer', hash: 'the-token-itself' } }))).toMatch(/ci\.hash: the SHA-256/);
});

test('a token from the environment goes before a token file of the configuration, whether or not that is there', () => {
  const { api_token: _, ...rest } = PLANE;
  const tree = { plane: { ...rest, api_token_file: 'token' } };
  const env = { PCO_PLANE_API_TOKEN: 'from the environment' };
  expect(read({ tree, env }).plane.api_token).toBe('from the environment');
  expect(read({ tree, env, files: { token: 'from the file' } }).plane.api_token).toBe('from the environment');
  const fileByEnv = { PCO_PLANE_API_TOKEN_FILE: 'other' };
  expect(read({ env: fileByEnv, files: { other: 'from the other file' } }).plane.api_token).toBe('from the other file');
});

test('relative paths count from the folder of the file, wherever a service was started', () => {
  const tree = {
    plane: PLANE,
    automation: { repo_path: 'repo', signal_dir: 'signals' },
    projects: { ACME: { repo_path: '../acme' }, OTHER: { repo_path: '/srv/other' } },
    logging: { file: 'logs/x.log' },
    data_dir: 'state',
  };
  const { dir } = read({ tree });
  const config = readConfig({ env: {}, argv: ['--config', join(dir, 'config.yaml')], cwd: '/' });
  expect(config.automation).toMatchObject({
    repo_path: join(dir, 'repo'),
    worktree_root: join(dir, 'state/worktrees'),
    signal_dir: join(dir, 'signals'),
  });
  expect(config.projects.ACME?.repo_path).toBe(join(dir, '../acme'));
  expect(config.projects.OTHER?.repo_path).toBe('/srv/other');
  expect(config.data_dir).toBe(join(dir, 'state'));
  expect(config.logging.file).toBe(join(dir, 'logs/x.log'));
});

test('no signal folder and no log file stay none', () => {
  const config = read({ tree: { plane: PLANE, automation: { signal_dir: '' }, logging: { file: '' } } });
  expect([config.automation.signal_dir, config.logging.file]).toEqual(['', '']);
});

test.each([
  [true, true],
  [false, false],
  [
    [{ from: 'Backlog', to: 'Todo' }, { to: 'In Progress' }],
    [{ from: 'Backlog', to: 'Todo' }, { to: 'In Progress' }],
  ],
  [[], []],
])('status changes may be %j', (given, expected) => {
  expect(read({ tree: { plane: PLANE, triggers: { status_changes: given } } }).triggers.status_changes).toEqual(
    expected,
  );
});

test('ten seconds is the shortest poll interval', () => {
  expect(read({ tree: plane({ poll_interval: 10 }) }).plane.poll_interval).toBe(10);
  expect(faults({ tree: plane({ poll_interval: 9.9 }) })).toEqual([
    expect.stringMatching(/^plane\.poll_interval: at least 10 seconds \(config\.yaml:\d+\)$/),
  ]);
});

test('at least one project is needed, in either form', () => {
  expect(faults({ tree: plane({ project_ids: [] }) })).toEqual([expect.stringMatching(/^plane\.project_ids: /)]);
  read({ tree: { ...plane({ project_ids: [] }), projects: { ACME: {} } } });
});

test('a file that was named must be there; the default one need not', () => {
  expect(faults({ argv: ['--config', 'missing.yaml'] })).toEqual([expect.stringContaining('there is no such file')]);
  expect(faults({ env: { PCO_CONFIG: 'missing.yaml' } })).toEqual([expect.stringContaining('there is no such file')]);
});

test('the command line names the file before the environment does', () => {
  const files = {
    'one.yaml': stringify(plane({ poll_interval: 11 })),
    'two.yaml': stringify(plane({ poll_interval: 12 })),
  };
  const config = read({ files, argv: ['--config', 'one.yaml', '--check-config'], env: { PCO_CONFIG: 'two.yaml' } });
  expect(config.plane.poll_interval).toBe(11);
  expect(read({ files, env: { PCO_CONFIG: 'two.yaml' } }).plane.poll_interval).toBe(12);
});

test.each([
  ['plane: [unclosed', /flow|unclosed|expected/i],
  ['- a\n- list', /a mapping of sections/],
  ['just text', /a mapping of sections/],
  ['plane: 5', /^plane: /],
  ['a: 1\na: 2', /unique/i],
])('a file that holds %j says what is wrong with it', (text, expected) => {
  expect(faults({ text })).toContainEqual(expect.stringMatching(expected));
});

test('an empty file says what is missing', () => {
  expect(faults({ text: '' })).toContainEqual(expect.stringMatching(/^plane: /));
});

const SECRET = 'plane_wh_0123456789abcdef';
const OTHER_SECRET = 'plane_wh_fedcba9876543210';

test('secrets of webhooks come from the file, from one of their own, or from the environment', () => {
  expect(read().webhooks.secrets).toEqual([]);
  const tree = { plane: PLANE, webhooks: { secrets: [SECRET], secrets_file: 'hooks' } };
  const files = { hooks: `\n  ${OTHER_SECRET}  \n\n` };
  expect(read({ tree, files }).webhooks.secrets).toEqual([SECRET, OTHER_SECRET]);
  const env = { PCO_WEBHOOKS_SECRETS: 'plane_wh_of_the_environment, plane_wh_and_another_one' };
  expect(read({ tree, env }).webhooks.secrets).toEqual(['plane_wh_of_the_environment', 'plane_wh_and_another_one']);
  const fromFile = { tree, files, env: { PCO_WEBHOOKS_SECRETS_FILE: 'hooks' } };
  expect(read(fromFile).webhooks.secrets).toEqual([OTHER_SECRET]);
});

test('a secret of webhooks that is missing or too short is a fault, which does not repeat it', () => {
  const fault = (secrets_file: string, files = {}) =>
    faults({ tree: { plane: PLANE, webhooks: { secrets_file } }, files }).join();
  expect(fault('nowhere')).toMatch(/webhooks\.secrets_file: .*nowhere cannot be read/);
  expect(fault('empty', { empty: '\n' })).toMatch(/webhooks\.secrets_file: .*empty is empty/);
  expect(fault('hooks', { hooks: `${SECRET}\nshort-one\n` })).toMatch(/at least 16 characters/);
  expect(fault('hooks', { hooks: `${SECRET}\nshort-one\n` })).not.toMatch(/short-one/);
  const [given] = faults({ tree: { plane: PLANE, webhooks: { secrets: ['short-one'] } } });
  expect(given).toMatch(/^webhooks\.secrets\.0: at least 16 characters \(config\.yaml:\d+\)$/);
});

test('every fault has its place: the line of the file, the variable, or the command line', () => {
  const text = `plane:
  api_url: https://plane.example.com/api/v1
  api_token: plane_api_x
  workspace_slug: acme
  project_ids: [one]
  pol_interval: 30
automation:
  permission_mode: bypasPermissions
  keep_minutes: many
projects:
  ACME:
    base-branch: main
triggerz: {}
`;
  const env = { PCO_API_PORT: 'many' };
  const found = faults({ text, env, argv: ['--set', 'runner.slots=0', '--set', 'api.prt=1', '--set', 'api.port'] });
  const has = (expected: RegExp) => expect(found).toContainEqual(expect.stringMatching(expected));
  has(/^plane: unknown key "pol_interval"; did you mean poll_interval\? \(config\.yaml:6\)$/);
  has(/^automation\.permission_mode: .*; did you mean bypassPermissions\? \(config\.yaml:8\)$/);
  has(/^automation\.keep_minutes: .*\(config\.yaml:9\)$/);
  has(/^projects\.ACME: unknown key "base-branch"; did you mean base_branch\? \(config\.yaml:12\)$/);
  has(/^the file: unknown key "triggerz"; did you mean triggers\? \(config\.yaml:13\)$/);
  has(/^api\.port: .*\(PCO_API_PORT\)$/);
  has(/^runner\.slots: .*\(--set runner\.slots\)$/);
  has(/^api\.prt: there is no such key; did you mean api\.port\?$/);
  has(/^--set: KEY=VALUE is needed/);
  expect(found).toHaveLength(9);
});

test('the command line sets a key before the environment does', () => {
  const env = { PCO_PLANE_POLL_INTERVAL: '40' };
  expect(read({ env, argv: ['--set', 'plane.poll_interval=30'] }).plane.poll_interval).toBe(30);
});
