import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, launch, type Sandbox, sandbox, serve } from './testing/fixture.ts';

const CAT = ['cat', '-'];

/** What a service that is killed while it is busy may leave: a control client of which nobody reads the answers. */
async function leaveUnread(box: Sandbox): Promise<void> {
  const args = ['-L', box.socket, '-C', 'attach-session', '-t', '=_pco-control', '-f', 'no-output,ignore-size'];
  const script = `
    const { stdin, stdout } = require('node:child_process').spawn('tmux', ${JSON.stringify(args)});
    stdout.once('data', () => {
      stdout.pause();
      stdin.write('list-keys\\n'.repeat(500), () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), 500));
    });`;
  const env = { PATH: box.variables.PATH, TMUX_TMPDIR: box.dir, LANG: 'C.UTF-8' };
  await once(spawn(process.execPath, ['-e', script], { env, stdio: 'ignore' }), 'exit');
}

describe('the service is killed', () => {
  test('its sessions live on, are adopted, and their effects are not run again', async () => {
    await using box = await sandbox();
    const mark = join(box.dir, 'starts');
    const command = ['sh', '-c', 'echo started >> "$0"; exec cat', mark];
    {
      await using service = await launch(box);
      expect(await service.put('one', { command, effect: 'e1' })).toMatchObject({ created: true });
      await service.kill('SIGKILL');
    }
    await using service = await launch(box);
    expect(await service.list()).toMatchObject([{ sessionId: 'one', active: true, effect: 'e1', command }]);
    expect(await service.put('one', { command, effect: 'e1' })).toMatchObject({ created: false });
    expect(await readFile(mark, 'utf8')).toBe('started\n');
  });

  test('a session whose service died before it could note so is adopted by its effect', async () => {
    await using box = await sandbox();
    {
      await using service = await serve(box);
      await service.put('one', { command: CAT, effect: 'e1', projectId: 'p', source: 'automation' });
    }
    const file = join(box.dir, 'data/sessions.json');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('"running"', '"creating"'));
    {
      await using service = await serve(box);
      expect(await service.put('one', { command: CAT, effect: 'e1' })).toMatchObject({
        created: false,
        session: { state: 'running' },
      });
    }
    await writeFile(file, '{}'); // even without any record
    await using service = await serve(box);
    expect(await service.put('one', { command: CAT, effect: 'e1' })).toMatchObject({
      created: false,
      session: { effect: 'e1', projectId: 'p', source: 'automation' },
    });
    expect(await service.call('PUT', '/sessions/one', { effect: 'e2' })).toMatchObject({ status: 409 });
  });

  test('a tmux client that it left with unread answers is ended by the next one', async () => {
    await using box = await sandbox();
    {
      await using service = await launch(box);
      await service.put('one', { command: CAT });
    }
    await leaveUnread(box);
    const clients = async () => (await box.tmux('list-clients', '-F', '#{client_pid}')).trim().split('\n');
    expect(await clients(), 'tmux itself never lets go of it').toHaveLength(1);
    const [left = ''] = await clients();
    await using service = await launch(box);
    await expect.poll(clients).toHaveLength(1);
    expect(await clients()).not.toEqual([left]);
    expect(await service.list()).toMatchObject([{ sessionId: 'one', active: true }]);
  });

  test('a session noted but never created is created by the repeat', async () => {
    await using box = await sandbox();
    {
      await using service = await serve(box);
      await service.put('one', { command: CAT, effect: 'e1' });
    }
    const file = join(box.dir, 'data/sessions.json');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('"running"', '"creating"'));
    await box.tmux('kill-session', '-t', '=one:');
    await using service = await serve(box);
    expect(await service.list()).toMatchObject([{ state: 'creating', active: false }]);
    expect(await service.put('one', { command: CAT, effect: 'e1' })).toMatchObject({ created: true });
  });
});

describe('tmux is killed', () => {
  test('every session has ended, and new ones can be created', async () => {
    await using service = await fixture();
    await service.put('one', { command: CAT, effect: 'e1' });
    const pid = Number(await service.tmux('display-message', '-p', '#{pid}'));
    process.kill(pid, 'SIGKILL');
    expect(await service.list()).toMatchObject([{ sessionId: 'one', active: false, state: 'ended' }]);
    expect(await service.put('one', { command: CAT, effect: 'e1' })).toMatchObject({ created: false });
    expect(await service.put('two', { command: CAT })).toMatchObject({ created: true });
    expect(await service.call('GET', '/health')).toMatchObject({ status: 200 });
  });

  test('a lost connection is opened again without harm', async () => {
    await using service = await fixture();
    await service.put('one', { command: CAT });
    for (let round = 0; round < 3; round++) {
      await service.tmux('kill-session', '-t', '=_pco-control:');
      expect(await service.list()).toMatchObject([{ sessionId: 'one', active: true }]);
      const [client] = (await service.tmux('list-clients', '-F', '#{client_pid}')).split('\n');
      process.kill(Number(client), 'SIGKILL');
      expect(await service.call('GET', '/sessions/one')).toMatchObject({ status: 200 });
    }
  });

  test('a tmux that hangs is a fault for a while, not for good', async () => {
    await using service = await fixture();
    await service.put('one', { command: CAT });
    const pid = Number(await service.tmux('display-message', '-p', '#{pid}'));
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await service.call('GET', '/sessions')).toMatchObject({ status: 503, body: { code: 'TMUX_UNAVAILABLE' } });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect(await service.list()).toMatchObject([{ sessionId: 'one', active: true }]);
  });
});

describe('the environment of the tmux server', () => {
  test('holds nothing of ours', async () => {
    await using box = await sandbox();
    const token = 'a-secret-of-the-service';
    await using service = await launch(box, { PCO_TMUX_SESSION_SERVICE_TOKEN: token, PCO_PLANE_API_TOKEN: token });
    const headers = { authorization: `Bearer ${token}` };
    await service.call('PUT', '/sessions/one', { command: ['sh', '-c', 'env; exec cat'], env: { MINE: '1' } }, headers);
    const server = Number(await box.tmux('display-message', '-p', '#{pid}'));
    const pane = Number(await box.tmux('display-message', '-p', '-t', '=one:', '#{pane_pid}'));
    const variables = await Promise.all([server, pane].map((pid) => readFile(`/proc/${pid}/environ`, 'utf8')));
    const global = await box.tmux('show-environment', '-g');
    for (const text of [...variables, global]) {
      expect(text).not.toContain('PCO_');
      expect(text).not.toContain(token);
    }
    expect(variables[1]).toContain('MINE=1');
  });
});

describe('a second service on the same data folder', () => {
  test('is refused with the reason', async () => {
    await using box = await sandbox();
    await using first = await launch(box);
    await using second = await launch(box);
    expect(second.exitCode()).toBe(1);
    expect(second.stdout()).toContain(`another terminal service (pid ${first.pid}) uses `);
    expect(await first.list()).toEqual([]);
  });

  test('may start when the first has stopped, and the sessions stay', async () => {
    await using box = await sandbox();
    await using first = await launch(box);
    await first.put('one', { command: CAT });
    await first.kill('SIGTERM');
    expect(first.exitCode()).toBe(0);
    await using second = await launch(box);
    expect(await second.list()).toMatchObject([{ sessionId: 'one', active: true }]);
  });
});

test('a bad configuration is told on stderr', async () => {
  await using box = await sandbox();
  await using service = await launch(box, { HOST: '0.0.0.0', PCO_LOGGING_LEVEL: 'loud' });
  expect(service.exitCode()).toBe(1);
  expect(service.stderr()).toMatch(/logging\.level: .*\(PCO_LOGGING_LEVEL\)\n.*is not loopback/);
});
