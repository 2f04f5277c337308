import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCode } from '@pco/shared/errors';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from './config.ts';

const faultsOf = (variables: Record<string, string>): unknown => {
  try {
    readConfig(variables, '/srv');
  } catch (err) {
    return isCode(err, 'CONFIG_INVALID') ? err.details.faults : err;
  }
  return undefined;
};

test('an empty environment gives the defaults', () => {
  const config = readConfig({ HOME: '/home/me', PATH: '/bin', SHELL: '' }, '/srv');
  expect(config).toEqual({
    host: '127.0.0.1',
    port: 5001,
    token: undefined,
    viewToken: undefined,
    accounts: 'off',
    recordings: { maxBytes: 32 * 2 ** 20, maxTotalBytes: 4096 * 2 ** 20, maxAgeMs: 30 * 24 * 3_600_000 },
    tmuxBin: 'tmux',
    tmuxSocket: 'pco',
    shell: 'bash',
    home: '/home/me',
    dataDir: '/srv/data/tmux-session-service',
    allowedOrigins: [],
    logLevel: 'info',
    sessionEnv: { HOME: '/home/me', PATH: '/bin', LANG: 'C.UTF-8' },
  });
});

test('the full names win over the bare ones', () => {
  const variables = { HOST: '127.0.0.2', PORT: '1', PCO_TMUX_SESSION_SERVICE_PORT: '2' };
  expect(readConfig(variables, '/')).toMatchObject({ host: '127.0.0.2', port: 2 });
});

test('listening beyond loopback needs a token', () => {
  expect(faultsOf({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('is not loopback')]);
  expect(faultsOf({ HOST: '0.0.0.0', PCO_TMUX_SESSION_SERVICE_TOKEN: '0123456789abcdef' })).toBeUndefined();
});

test('a token for looking is of no use where everybody may do everything', () => {
  expect(faultsOf({ PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN: '0123456789abcdef' })).toEqual([
    expect.stringContaining('PCO_TMUX_SESSION_SERVICE_TOKEN'),
  ]);
});

test('every fault is named at once', () => {
  const faults = faultsOf({
    HOST: '::',
    PORT: 'many',
    PCO_TMUX_SOCKET: '../x',
    PCO_ALLOWED_ORIGINS: 'https://a.example, b.example',
  });
  expect(faults).toHaveLength(4);
});

test('sessions get none of our own variables', () => {
  const variables = { PATH: '/bin', LC_ALL: 'C', TZ: 'UTC', PCO_PLANE_API_TOKEN: 'secret', TMUX: '/x,1,2', FOO: 'bar' };
  expect(readConfig({ ...variables, HOME: '/h' }, '/').sessionEnv).toEqual({
    PATH: '/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    HOME: '/h',
  });
});

test('tokens may stand in files, which are named when they hold none', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pco-token-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'token'), 'a-token-of-length\n');
  writeFileSync(join(dir, 'empty'), '\n');
  const read = (more: Record<string, string>) => readConfig(more, dir);
  expect(read({ PCO_TMUX_SESSION_SERVICE_TOKEN_FILE: 'token' }).token).toBe('a-token-of-length');
  expect(() => read({ PCO_TMUX_SESSION_SERVICE_TOKEN_FILE: 'empty' })).toThrow(/TOKEN_FILE: .*empty is empty/);
  expect(() => read({ PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN_FILE: 'gone' })).toThrow(
    /VIEW_TOKEN_FILE: .* cannot be read/,
  );
  const both = { PCO_TMUX_SESSION_SERVICE_TOKEN_FILE: 'token', PCO_TMUX_SESSION_SERVICE_TOKEN: 'another-of-length' };
  expect(() => read(both)).toThrow(/leave one of them out/);
});
