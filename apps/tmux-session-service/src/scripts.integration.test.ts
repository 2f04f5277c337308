import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { spawn } from '@lydell/node-pty';
import { expect, onTestFinished, test } from 'vitest';
import { eventually, fixture, type Sandbox } from './testing/fixture.ts';

const SCRIPTS = join(import.meta.dirname, '../scripts');
const PCO = join(import.meta.dirname, '../../../scripts/pco');
const TOKEN = '0123456789abcdef';

const environment = (box: Sandbox, url: string) => ({
  ...process.env,
  TMUX_TMPDIR: box.dir,
  PCO_TMUX_SOCKET: box.socket,
  SESSION_SERVICE_URL: url,
  SESSION_SHELL: '/bin/sh',
  PCO_TMUX_SESSION_SERVICE_TOKEN: TOKEN,
});

async function served() {
  const service = await fixture({ PCO_TMUX_SESSION_SERVICE_TOKEN: TOKEN });
  const env = environment(service.box, service.url);
  const authorization = { authorization: `Bearer ${TOKEN}` };
  return {
    ...service,
    run: async (script: string, ...args: string[]) =>
      (await promisify(execFile)(join(SCRIPTS, script), args, { env })).stdout,
    /** A script in a terminal of its own; gives what it shows. */
    show: (file: string, ...args: string[]) => {
      const pty = spawn(file, args, { cols: 90, rows: 20, env, cwd: service.dir });
      let text = '';
      pty.onData((data) => {
        text += data;
      });
      onTestFinished(() => pty.kill());
      return { pty, text: () => text };
    },
    ask: async (method: string, path: string, body?: object) =>
      (await service.call(method, path, body, authorization)).body,
  };
}

test('attach-session makes a session, tells the service and shows it', async () => {
  await using service = await served();
  const { pty } = service.show(join(SCRIPTS, 'attach-session.sh'), 'mine', 'a "project"');
  await eventually(() => service.ask('GET', '/sessions')).toMatchObject({
    sessions: [{ sessionId: 'mine', projectId: 'a "project"', source: 'ssh', active: true }],
  });
  await eventually(() => service.tmux('list-clients', '-t', '=mine:')).not.toBe('');
  pty.write('echo from here\r');
  await eventually(() => service.tmux('capture-pane', '-p', '-t', '=mine:')).toMatch(/^from here/m);
});

test('tmux-project makes the windows; list and sync show and register what there is', async () => {
  await using service = await served();
  service.show(join(SCRIPTS, 'tmux-project.sh'), 'web', '--windows=shell,logs', `--dir=${service.dir}`, '--register');
  await eventually(() => service.tmux('list-windows', '-t', '=web:', '-F', '#{window_name} #{pane_current_path}')).toBe(
    `shell ${service.dir}\nlogs ${service.dir}\n`,
  );
  await service.tmux('new-session', '-d', '-s', 'team-a-7', 'cat', '-');
  await eventually(() => service.run('list-sessions.sh')).toMatch(/web +web +ssh +active +1 +2 /);
  expect(await service.run('sync-sessions.sh', '--dry-run', '--project-pattern=^(team-[a-z])')).toBe(
    'registered: team-a-7 as project team-a\nwould be: 1 registered, 1 known, 0 removed, 0 failed\n',
  );
  await service.run('sync-sessions.sh', '--project-pattern=^(team-[a-z])');
  await service.tmux('kill-session', '-t', '=web:');
  const { sessions } = JSON.parse(await service.run('list-sessions.sh', '--json'));
  // both may have been made in the same second, which is all that tmux knows
  expect(Object.fromEntries(sessions.map((each: { sessionId: string }) => [each.sessionId, each]))).toMatchObject({
    web: { active: false },
    'team-a-7': { projectId: 'team-a', source: 'ssh', active: true, windows: 1 },
  });
  expect(await service.run('sync-sessions.sh', '--cleanup')).toContain('0 registered, 1 known, 1 removed, 0 failed');
  expect(await service.run('list-sessions.sh', '--active-only')).toContain('1 sessions, 1 active');
});

test('pco attach finds the latest session of a ticket on whatever server it runs', async () => {
  await using service = await served();
  for (const id of ['claude-ACME-1', 'claude-ACME-1-2', 'claude-ACME-12', 'other'])
    await service.ask('PUT', `/sessions/${id}`, { command: ['sh', '-c', `echo this is ${id}; exec cat`] });
  const { text, pty } = service.show(PCO, 'attach', 'ACME-1');
  await eventually(text).toContain('this is claude-ACME-1-2');
  const size = await service.tmux(
    'display-message',
    '-p',
    '-t',
    '=claude-ACME-1-2:',
    '#{window_width}x#{window_height}',
  );
  expect(size).toBe('80x24\n');
  pty.kill();
  const view = service.show(PCO, 'attach', '--view', 'claude-ACME-12');
  await eventually(view.text).toContain('this is claude-ACME-12');
  expect(await service.tmux('list-clients', '-t', '=claude-ACME-12:', '-F', '#{client_flags}')).toContain('read-only');
  const missing = service.show(PCO, 'attach', 'ACME-9');
  await eventually(missing.text).toContain('no session of ACME-9 runs here');
});
