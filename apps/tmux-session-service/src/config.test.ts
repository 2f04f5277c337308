import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCode } from '@pco/shared/errors';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from './config.ts';

const read = (env: Record<string, string>, cwd = '/srv', argv: string[] = []) => readConfig({ env, argv, cwd });
const faultsOf = (...given: Parameters<typeof read>): unknown => {
  try {
    read(...given);
  } catch (err) {
    return isCode(err, 'CONFIG_INVALID') ? err.details.faults : err;
  }
  return undefined;
};
/** A folder with these files. */
function folder(files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'pco-terminals-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  return dir;
}

test('an empty environment gives the defaults', () => {
  const config = read({ HOME: '/home/me', PATH: '/bin', SHELL: '' });
  expect(config).toMatchObject({
    tmux_session_service: { host: '127.0.0.1', port: 5001, recording_mb: 32, recording_days: 30, socket: 'pco' },
    logging: { level: 'info' },
    tracing: {},
    data_dir: '/srv/data/tmux-session-service',
  });
  expect(config.tmux_session_service).not.toHaveProperty('token');
  expect(config.host).toEqual({
    accounts: 'off',
    tmuxBin: 'tmux',
    startsServer: true,
    shell: 'bash',
    home: '/home/me',
    allowedOrigins: [],
    sessionEnv: { HOME: '/home/me', PATH: '/bin', LANG: 'C.UTF-8' },
  });
});

test('the full names win over the bare ones', () => {
  const variables = {
    HOST: '127.0.0.2',
    PORT: '1',
    PCO_TMUX_SESSION_SERVICE_PORT: '2',
    PCO_TMUX_SOCKET: 'mine',
  };
  expect(read(variables).tmux_session_service).toMatchObject({ host: '127.0.0.2', port: 2, socket: 'mine' });
});

test('of the configuration of the whole product it reads its own sections and keeps nothing else', () => {
  const text = `plane: { api_url: nowhere, api_token: plane_api_secret }
redis: { url: redis://:secret@host }
tmux_session_service: { port: 6001, token_file: token, recording_mb: 8, socket: from-file }
logging: { level: WARNING }
data_dir: state
`;
  const dir = folder({ 'config.yaml': text, token: 'a-token-of-length\n' });
  const config = read({ PCO_TMUX_SESSION_SERVICE_RECORDING_MB: '4', PCO_PLANE_API_TOKEN: 'secret' }, dir);
  expect(config).toMatchObject({
    tmux_session_service: { port: 6001, token: 'a-token-of-length', recording_mb: 4, socket: 'from-file' },
    logging: { level: 'warn' },
    data_dir: join(dir, 'state/tmux-session-service'),
  });
  expect(JSON.stringify(config)).not.toContain('secret');
  expect(read({}, '/', ['--config', join(dir, 'config.yaml')]).tmux_session_service.port).toBe(6001);
});

test('a fault of the file is named with its line, one of another section is not ours to judge', () => {
  const text = 'plane: { poll_interval: 1 }\ntmux_session_service:\n  recording-mb: 8\n  port: many\n';
  const dir = folder({ 'config.yaml': text });
  expect(faultsOf({ HOST: '0.0.0.0' }, dir)).toEqual([
    expect.stringMatching(/^tmux_session_service\.port: .* \(config\.yaml:4\)$/),
    'tmux_session_service: unknown key "recording-mb"; did you mean recording_mb? (config.yaml:3)',
    expect.stringMatching(/is not loopback.* \(PCO_TMUX_SESSION_SERVICE_HOST\)$/),
  ]);
});

test('listening beyond loopback needs a token', () => {
  expect(faultsOf({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('is not loopback')]);
  expect(faultsOf({ HOST: '0.0.0.0', PCO_TMUX_SESSION_SERVICE_TOKEN: '0123456789abcdef' })).toBeUndefined();
});

test('a token for looking is of no use where everybody may do everything', () => {
  expect(faultsOf({ PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN: '0123456789abcdef' })).toEqual([
    expect.stringContaining('without tmux_session_service.token'),
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
  expect(read({ ...variables, HOME: '/h' }).host.sessionEnv).toEqual({
    PATH: '/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    HOME: '/h',
  });
});

test('tokens may stand in files, which are named when they hold none', () => {
  const dir = folder({ token: 'a-token-of-length\n', empty: '\n' });
  const tokenOf = (more: Record<string, string>) => read(more, dir).tmux_session_service.token;
  expect(tokenOf({ PCO_TMUX_SESSION_SERVICE_TOKEN_FILE: 'token' })).toBe('a-token-of-length');
  expect(() => tokenOf({ PCO_TMUX_SESSION_SERVICE_TOKEN_FILE: 'empty' })).toThrow(/token_file: .*empty is empty/);
  expect(() => tokenOf({ PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN_FILE: 'gone' })).toThrow(
    /view_token_file: .* cannot be read/,
  );
});
