import { ConfigSchema } from '@pco/shared/config';
import { expect, test } from 'vitest';
import {
  endpointsOf,
  inheritedEnvironment,
  runsTerminalService,
  terminalAddress,
  terminalServiceSpec,
  terminalUrl,
} from './services.ts';

const PLANE = { api_url: 'https://plane.example.com/api/v1', api_token: 'secret', workspace_slug: 'acme' };
const configWith = (tmux_session_service = {}) => ConfigSchema.parse({ plane: PLANE, tmux_session_service });

test('children get neither traces of npm nor the bare PORT and HOST', () => {
  const env = {
    PATH: '/repo/node_modules/.bin:/x/node-gyp-bin:/usr/local/bin:/usr/bin',
    HOME: '/home/me',
    PORT: '80',
    HOST: '0.0.0.0',
    npm_config_user_agent: 'npm',
    INIT_CWD: '/repo',
    PCO_PLANE_API_TOKEN: 'secret',
  };
  expect(inheritedEnvironment(env)).toEqual({
    PATH: '/usr/local/bin:/usr/bin',
    HOME: '/home/me',
    PCO_PLANE_API_TOKEN: 'secret',
  });
});

test('the terminal service reads the same file, and learns no secret of Plane or Redis', () => {
  const config = configWith({ port: 6001 });
  const env = {
    PATH: '/bin',
    PCO_PLANE_API_TOKEN: 'secret',
    PCO_REDIS_URL: 'redis://:pw@h',
    PCO_CONFIG: '/c.yaml',
    PCO_TMUX_SESSION_SERVICE_TOKEN: 'a-token-of-length',
    PCO_LOGGING_LEVEL: 'warn',
  };
  const spec = terminalServiceSpec({ config, env, cwd: '/', seen: () => {} });
  expect(spec?.env).toEqual({
    PATH: '/bin',
    PCO_CONFIG: '/c.yaml',
    PCO_TMUX_SESSION_SERVICE_HOST: '127.0.0.1',
    PCO_TMUX_SESSION_SERVICE_PORT: '6001',
    PCO_TMUX_SESSION_SERVICE_TOKEN: 'a-token-of-length',
    PCO_LOGGING_LEVEL: 'warn',
    PCO_LAUNCHED: '1',
    DATA_DIR: expect.stringMatching(/tmux-session-service$/),
  });
});

test('port and url of the terminal service follow each other', () => {
  expect(terminalAddress(configWith())).toEqual({ host: '127.0.0.1', port: 5001 });
  expect(terminalUrl(configWith({ port: 6001 }))).toBe('http://127.0.0.1:6001');
  expect(terminalAddress(configWith({ url: 'http://localhost:7001' })).port).toBe(7001);
  expect(terminalUrl(configWith({ url: 'http://localhost:7001', port: 6001 }))).toBe('http://localhost:7001');
});

test('a terminal service on another host is not ours to run', () => {
  const config = configWith({ url: 'http://runner-2:5001' });
  expect(runsTerminalService(config)).toBe(false);
  expect(terminalUrl(config)).toBe('http://runner-2:5001');
  expect(endpointsOf(config).map(({ service }) => service)).toEqual([
    'session-worker',
    'plane-writer',
    'poller',
    'api',
  ]);
});

test('every endpoint names the key and variable that move it', () => {
  const [terminal, worker] = endpointsOf(configWith());
  expect(terminal).toMatchObject({ key: 'tmux_session_service.port', variable: 'PCO_TMUX_SESSION_SERVICE_PORT' });
  expect(worker).toMatchObject({ port: 5004, key: 'session_worker.port', variable: 'PCO_SESSION_WORKER_PORT' });
});
