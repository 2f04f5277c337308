import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { which } from '@pco/shared/run-program';
import { afterAll, test as anywhere, beforeAll, describe, expect } from 'vitest';

// The services on a plain host, set up below a folder: what would stand on the host, and what systemd itself says of it.

/** Where Redis comes from a container, or there is no systemd to write for, there is nothing to set up. */
const isHost = ['redis-server', 'tmux', 'git', 'npm'].every((name) => which(name)) && process.platform === 'linux';
const test = anywhere.skipIf(!isHost);
const ROOT = resolve(import.meta.dirname, '..');
const SERVICES = ['poller', 'plane-writer', 'api', 'tmux-session-service', 'session-worker', 'redis', 'backup'];
const TOKEN = 'plane_api_0123456789abcdef0123456789abcdef';
let dir: string;
const host = () => join(dir, 'host');
const unit = (name: string): string => readFileSync(join(host(), 'etc/systemd/system', name), 'utf8');
const files = (): string[] =>
  readdirSync(host(), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(host().length + 1))
    .sort();
const install = (...args: string[]) => {
  const ran = spawnSync(join(ROOT, 'infra/systemd/install.sh'), args, { cwd: dir, encoding: 'utf8' });
  return { code: ran.status, said: `${ran.stdout}${ran.stderr}` };
};
const hostFlags = () => ['--root', host(), '--modules', join(ROOT, 'node_modules')];

beforeAll(() => {
  if (!isHost) return;
  dir = mkdtempSync(join(tmpdir(), 'pco-systemd-'));
  writeFileSync(join(dir, 'config.yaml'), `plane:\n  api_token_file: my-token\n`);
  writeFileSync(join(dir, 'my-token'), `${TOKEN}\n`);
  const installed = install(...hostFlags(), '--config', join(dir, 'config.yaml'), '--repository', dir);
  expect(installed).toEqual({ code: 0, said: expect.stringContaining('installed: /opt/pco/releases/') });
});
afterAll(() => {
  if (dir) rmSync(dir, { recursive: true, force: true });
});

test('secrets are made, are the same after an upgrade, and are nobody else’s to read', () => {
  const secrets = join(host(), 'etc/pco/secrets');
  const read = () => Object.fromEntries(readdirSync(secrets).map((name) => [name, readFileSync(join(secrets, name))]));
  const before = read();
  expect(Object.keys(before).sort()).toEqual([
    ...['api-token', 'plane-token', 'redis-url', 'redis.conf', 'terminal-token', 'worker-token'],
  ]);
  expect(before['plane-token']?.toString().trim()).toBe(TOKEN);
  for (const name of Object.keys(before)) expect(statSync(join(secrets, name)).mode & 0o777, name).toBe(0o600);
  expect(statSync(secrets).mode & 0o777).toBe(0o700);
  const config = join(host(), 'etc/pco/config.yaml');
  writeFileSync(config, 'mine: true\n');
  expect(install(...hostFlags())).toMatchObject({ code: 0 });
  expect(read()).toEqual(before);
  expect(readFileSync(config, 'utf8')).toBe('mine: true\n');
});

test('agents are part of nothing that is restarted, and nothing else may start their tmux server', () => {
  const agents = unit('pco-agents.service');
  expect(agents).not.toMatch(/^(PartOf|BindsTo|Requires)=/m);
  expect(agents).toMatch(/^ExecStart=\S*tmux .* -D$/m);
  expect(agents).not.toContain('LoadCredential');
  expect(agents).toContain('InaccessiblePaths=-/run/credentials');
  expect(unit('pco-tmux-session-service.service')).toContain('Environment=PCO_TMUX_SERVER=join');
  for (const name of SERVICES) expect(unit(`pco-${name}.service`), name).not.toMatch(/^(Requires|BindsTo)=/m);
});

test('all services are as little as each other, and what agents may do more is known', () => {
  const limits = (name: string) =>
    unit(`pco-${name}.service`)
      .split('\n')
      .filter((line) => HARDENING.test(line));
  const usual = limits('poller');
  expect(usual.length).toBeGreaterThan(18);
  for (const name of SERVICES) expect(limits(name), name).toEqual(usual);
  const allowed = usual.filter((line) => !limits('agents').includes(line)).map((line) => line.split('=')[0]);
  expect(allowed).toEqual([
    ...['PrivateDevices', 'ProtectProc', 'RestrictNamespaces', 'SystemCallFilter', 'SystemCallErrorNumber'],
  ]);
});
const HARDENING = /^(NoNew|Capability|Ambient|Protect|Private|Lock|Restrict|SystemCall)/;

test('a service gets the secrets that it needs, and no other', () => {
  const secretsOf = (name: string) =>
    [...unit(`pco-${name}.service`).matchAll(/^LoadCredential=([^:]+):/gm)].map(([, secret]) => secret);
  expect(Object.fromEntries(SERVICES.map((name) => [name, secretsOf(name)]))).toEqual({
    poller: ['plane-token', 'redis-url'],
    'plane-writer': ['plane-token', 'redis-url'],
    api: ['plane-token', 'redis-url', 'api-token', 'terminal-token', 'worker-token'],
    'tmux-session-service': ['terminal-token'],
    'session-worker': ['plane-token', 'redis-url', 'terminal-token', 'worker-token'],
    redis: ['redis.conf'],
    backup: ['plane-token', 'redis-url'],
  });
});

test('a repository elsewhere may be written to by agents, and by whoever makes worktrees of it', () => {
  for (const name of ['agents', 'session-worker', 'backup'])
    expect(unit(`pco-${name}.service.d/repositories.conf`)).toBe(`[Service]\nReadWritePaths=${dir}\n`);
});

describe.skipIf(!which('systemd-analyze'))('what systemd says', () => {
  test('the units are well formed', () => {
    const from = join(host(), 'etc/systemd/system');
    const to = mkdtempSync(join(dir, 'units-'));
    // the programs are below the folder, and systemd looks whether they are there
    for (const name of readdirSync(from).filter((name) => statSync(join(from, name)).isFile()))
      writeFileSync(join(to, name), unit(name).replaceAll('/opt/pco/current/node_modules/.bin/node', process.execPath));
    const verified = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', join(to, 'pco.target'), join(to, 'pco-backup.timer'), join(to, 'pco-redis.service')],
      { encoding: 'utf8', env: { PATH: process.env.PATH, SYSTEMD_UNIT_PATH: `${to}:` } },
    );
    expect(verified).toMatchObject({ status: 0, stderr: '' });
  });

  test.each([...SERVICES.map((name) => [name, 20]), ['agents', 45]])(
    '%s is exposed to at most %i of 100',
    (name, most) => {
      const args = ['security', '--no-pager', '--offline=true', `--root=${host()}`, `--threshold=${most}`];
      const judged = spawnSync('systemd-analyze', [...args, `pco-${name}.service`], { encoding: 'utf8' });
      expect(judged.stdout).toContain('Overall exposure level');
      expect(judged.status, judged.stdout).toBe(0);
    },
  );
});

test('a dry run says what it would do and does nothing', () => {
  const before = files();
  const said = install('--dry-run', '--root', join(dir, 'nowhere')).said;
  expect(said).toMatch(/write .*pco-api\.service/);
  expect(readdirSync(join(dir, 'nowhere'))).toEqual([]);
  expect(files()).toEqual(before);
});

test('undo keeps configuration, secrets and state; purge leaves nothing', () => {
  writeFileSync(join(host(), 'var/lib/pco/runner-id'), 'runner-1\n');
  expect(install('--root', host(), '--undo')).toMatchObject({ code: 0 });
  expect(files().filter((file) => !file.startsWith('etc/pco/'))).toEqual(['var/lib/pco/runner-id']);
  expect(files()).toContain('etc/pco/config.yaml');
  expect(install('--root', host(), '--undo', '--purge')).toMatchObject({ code: 0 });
  expect(files()).toEqual([]);
});

test('a wrong flag is answered with what there is', () => {
  expect(install('--bogus')).toMatchObject({ code: 2, said: expect.stringContaining('unknown option --bogus') });
  expect(install('--config')).toMatchObject({ code: 2, said: expect.stringContaining('--config needs a value') });
  expect(install('--purge', '--root', host())).toMatchObject({ code: 1 });
  for (const name of ['install.sh', 'as-pco'])
    expect(() => execFileSync('bash', ['-n', join(ROOT, 'infra/systemd', name)])).not.toThrow();
});
