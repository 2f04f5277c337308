import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually, fixture, sandbox, serve } from './testing/fixture.ts';

const CAT = ['cat', '-'];

describe('PUT', () => {
  test('a session is created once, then given again', async () => {
    await using service = await fixture();
    const first = await service.put('one', { command: CAT, projectId: 'p', effect: 'e:1', source: 'automation' });
    expect(first).toMatchObject({ created: true, session: { active: true, state: 'running', projectId: 'p' } });
    const second = await service.put('one', { command: CAT, projectId: 'p', effect: 'e:1' });
    expect(second).toEqual({ created: false, session: first.session });
    expect((await service.call('GET', '/sessions/one')).body).toEqual({ session: first.session });
    expect(await service.tmux('show-options', '-t', '=one:', '-v', '@pco_effect')).toBe('e:1\n');
  });

  test('twenty at once of the same id and effect make one session', async () => {
    await using service = await fixture();
    const mark = join(service.dir, 'starts');
    const command = ['sh', '-c', 'echo started >> "$0"; exec cat', mark];
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.put('many', { command, effect: 'e' })));
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    await eventually(() => readFile(mark, 'utf8')).toBe('started\n');
  });

  test('another effect or project on a living session is a conflict', async () => {
    await using service = await fixture();
    await service.put('one', { command: CAT, effect: 'e1', projectId: 'p' });
    for (const body of [{ effect: 'e2' }, { projectId: 'q' }])
      expect(await service.call('PUT', '/sessions/one', body)).toMatchObject({
        status: 409,
        body: { code: 'SESSION_CONFLICT' },
      });
    expect(await service.put('one')).toMatchObject({ created: false, session: { effect: 'e1', projectId: 'p' } });
    await service.put('plain', { command: CAT });
    expect(await service.call('PUT', '/sessions/plain', { effect: 'e' })).toMatchObject({ status: 409 });
  });

  test('an effect whose session has ended is never started again; another effect or none is', async () => {
    await using service = await fixture();
    const command = ['sh', '-c', 'read line'];
    await service.put('one', { command, effect: 'e1' });
    await service.call('POST', '/sessions/one/keys', { keys: ['Enter'] });
    await eventually(async () => (await service.list())[0]?.active).toBe(false);
    const again = await service.put('one', { command, effect: 'e1' });
    expect(again).toMatchObject({ created: false, session: { active: false, state: 'ended' } });
    expect(again.session.endedAt).toMatch(/Z$/);
    expect(await service.put('one', { command: CAT, effect: 'e2' })).toMatchObject({ created: true });
    await service.call('DELETE', '/sessions/one');
    expect(await service.put('one', { command: CAT, effect: 'e2' })).toMatchObject({ created: true });
  });

  test('hostile values reach the program unharmed', async () => {
    await using service = await fixture();
    const hostile = `a'b"c$(id)\`id\`;kill-server;\n#{pid} #(id) ~ \\ ☃ $HOME %end {x}`;
    const cwd = join(service.dir, `w $(id) ' " ; #{pid} #[x] \n é`);
    await mkdir(cwd);
    const script = 'printf "%s\\n" "$1" > "$HOME/arg"; printf "%s\\n" "$V" > "$HOME/env"; pwd > "$HOME/cwd"; exec cat';
    await service.put('h', {
      command: ['sh', '-c', script, 'sh', hostile],
      env: { V: hostile },
      cwd,
      effect: hostile.replaceAll('\n', ' '),
    });
    expect(await service.put('h', { effect: hostile.replaceAll('\n', ' ') })).toMatchObject({ created: false });
    const written = (name: string) => readFile(join(service.dir, name), 'utf8');
    await eventually(() => written('cwd')).toBe(`${cwd}\n`);
    expect(await written('arg')).toBe(`${hostile}\n`);
    expect(await written('env')).toBe(`${hostile}\n`);
    expect((await service.list()).map(({ sessionId }) => sessionId)).toEqual(['h']);
  });

  test('a single word is a program, not a script, and 100 kB fit into an argument', async () => {
    await using service = await fixture();
    expect(await service.call('PUT', '/sessions/x', { command: ['touch x; cat'] })).toMatchObject({ status: 400 });
    expect(await service.put('cat', { command: ['cat'] })).toMatchObject({ session: { active: true } });
    const command = ['sh', '-c', 'printf %s "$1" | wc -c; exec cat', 'sh', 'x'.repeat(100_000)];
    await service.put('long', { command });
    await eventually(() => service.screen('long')).toMatch(/^100000\n/);
  });

  test('what cannot run is refused with the reason and leaves nothing behind', async () => {
    await using service = await fixture();
    const refused: [object, RegExp][] = [
      [{ command: ['no-such-program'] }, /no-such-program/],
      [{ command: ['./relative'] }, /neither absolute nor on PATH/],
      [{ command: ['sh', 'x'.repeat(140_000)] }, /128 KiB/],
      [{ command: [] }, /command/],
      [{ cwd: '/no/such/folder' }, /is not a folder/],
      [{ cwd: 'relative' }, /absolute/],
      [{ env: { 'A B': 'x' } }, /env.A B/],
      [{ env: { A: 'x\0y' } }, /zero/],
      [{ effect: 'a\nb' }, /effect/],
      [{ colums: 80 }, /"colums"/],
    ];
    for (const [body, error] of refused)
      expect(await service.call('PUT', '/sessions/bad', body)).toMatchObject({
        status: 400,
        body: { error: expect.stringMatching(error) },
      });
    expect(await service.list()).toEqual([]);
  });

  test('ids are refused, never rewritten', async () => {
    await using service = await fixture();
    for (const id of ['a.b', 'a%3Ab', 'a%20b', 'x'.repeat(65), '%3D', '_pco-control'])
      expect(await service.call('PUT', `/sessions/${id}`)).toMatchObject({
        status: 400,
        body: { code: 'SESSION_ID_INVALID' },
      });
    const odd = ['__proto__', '-', '--', '-t', '0', 'A', 'a', '_'];
    for (const id of odd) expect(await service.put(id, { command: CAT })).toMatchObject({ created: true });
    for (const id of odd) expect(await service.put(id)).toMatchObject({ created: false, session: { sessionId: id } });
    expect(await service.list()).toHaveLength(odd.length);
  });
});

describe('two ids of which one begins like the other', () => {
  test('never touch each other', async () => {
    await using service = await fixture();
    await service.put('claude-A-10', { command: CAT, effect: 'ten' });
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['DELETE', '', undefined],
      ['GET', '/screen', undefined],
      ['POST', '/keepalive', undefined],
      ['POST', '/input', { text: 'x' }],
    ] as const)
      expect(await service.call(method, `/sessions/claude-A-1${path}`, body)).toMatchObject({
        status: 404,
        body: { code: 'SESSION_NOT_FOUND' },
      });
    expect(await service.put('claude-A-1', { command: CAT, effect: 'one' })).toMatchObject({ created: true });
    expect((await service.call('DELETE', '/sessions/claude-A-1')).status).toBe(204);
    expect(await service.list()).toMatchObject([{ sessionId: 'claude-A-10', active: true }]);
  });
});

describe('the other routes', () => {
  test('text and keys are typed as they are, and the screen shows the answer', async () => {
    await using service = await fixture();
    await service.put('one', { command: CAT, cols: 120, rows: 10 });
    const text = `say "$HOME" #{pid}; -l 'é' \\`;
    expect(await service.call('POST', '/sessions/one/input', { text, enter: true })).toMatchObject({ status: 204 });
    await eventually(() => service.screen('one')).toMatch(/^(say "\$HOME" #\{pid\}; -l 'é' \\\n){2}/);
    await service.call('POST', '/sessions/one/input', { text: '1\n'.repeat(20) });
    await eventually(async () => (await service.screen('one', 100)).match(/^1$/gm)?.length).toBe(40);
    expect(await service.screen('one')).not.toContain('say');
    expect(await service.call('POST', '/sessions/one/keys', { keys: ['kill-server'] })).toMatchObject({ status: 400 });
    await service.call('POST', '/sessions/one/keys', { keys: ['C-c'] });
    await eventually(async () => (await service.list())[0]?.state).toBe('ended');
  });

  test('Enter waits for a program that is too busy to read the text, and is not taken for a part of it', async () => {
    await using service = await fixture();
    const busy = `system 'stty raw -echo'; $| = 1; print 'ready'; sleep 2;
      while (sysread STDIN, $b, 4096) { print $b eq "\r" ? '-entered' : $b =~ /\r/ ? '-swallowed' : $b }`;
    await service.put('one', { command: ['perl', '-e', busy] });
    await eventually(() => service.screen('one')).toContain('ready');
    await service.call('POST', '/sessions/one/input', { text: 'say this', enter: true });
    await eventually(() => service.screen('one')).toContain('readysay this-entered');
  });

  test('typing reaches a session that somebody has scrolled', async () => {
    await using service = await fixture();
    await service.put('one', { command: CAT });
    await service.tmux('copy-mode', '-t', '=one:');
    await service.call('POST', '/sessions/one/input', { text: 'hello' });
    await eventually(() => service.screen('one')).toContain('hello');
  });

  test('POST makes an id, or takes either name of it', async () => {
    await using service = await fixture();
    const made = await service.call('POST', '/sessions');
    expect(made).toMatchObject({
      status: 201,
      body: { session: { sessionId: expect.stringMatching(/^[0-9a-f]{8}$/) } },
    });
    expect(await service.call('POST', '/sessions/', { terminalId: 't1' })).toMatchObject({
      status: 201,
      body: { session: { sessionId: 't1', command: ['/bin/sh'] } },
    });
    expect(await service.call('POST', '/sessions', { sessionId: 't1' })).toMatchObject({
      status: 201,
      body: { created: false },
    });
  });

  test('sessions made by hand are discovered and can be registered', async () => {
    await using service = await fixture();
    await service.tmux('new-session', '-d', '-s', 'by-hand', '-c', service.dir, 'cat', '-');
    await service.tmux('new-session', '-d', '-s', 'not ours!', 'cat', '-');
    expect(await service.list()).toMatchObject([
      { sessionId: 'by-hand', source: 'discovered', projectId: null, active: true, cwd: service.dir },
    ]);
    expect(await service.put('by-hand', { projectId: 'p', source: 'ssh' })).toMatchObject({
      created: false,
      session: { source: 'ssh', projectId: 'p' },
    });
  });

  test('keepalive refreshes, DELETE also forgets what has ended', async () => {
    await using service = await fixture();
    const { session } = await service.put('one', { command: CAT });
    const { body } = await service.call('POST', '/sessions/one/keepalive');
    expect(body).toMatchObject({ session: { ...session, updatedAt: expect.any(String) } });
    await service.tmux('kill-session', '-t', '=one:');
    expect(await service.list()).toMatchObject([{ active: false }]);
    expect((await service.call('DELETE', '/sessions/one')).status).toBe(204);
    expect((await service.call('DELETE', '/sessions/one')).status).toBe(404);
    expect(await service.list()).toEqual([]);
  });

  test('health and metrics tell what is', async () => {
    await using service = await fixture();
    await service.put('one', { command: CAT });
    await service.list();
    expect(await service.call('GET', '/health')).toMatchObject({
      status: 200,
      body: { ok: true, tmuxAvailable: true, tmuxVersion: expect.stringMatching(/^tmux /), error: null },
    });
    const { body } = await service.call('GET', '/metrics');
    expect(body).toMatch(/^tmux_sessions_active 1$/m);
    expect(body).toMatch(/^tmux_session_creations_total\{outcome="created"\} 1$/m);
    expect(await service.call('GET', '/nothing')).toMatchObject({ status: 404, body: { error: 'Not found' } });
  });

  test("the user's own tmux server can be used, and keeps its own options", async () => {
    await using box = await sandbox('default');
    await box.tmux('new-session', '-d', '-s', 'mine', '-x', '90', '-y', '20', 'cat', '-');
    await using service = await serve(box);
    await service.put('one', { command: CAT });
    expect((await service.list()).map(({ sessionId, source }) => [sessionId, source])).toEqual([
      ['mine', 'discovered'],
      ['one', 'web'],
    ]);
    expect(await box.tmux('show-options', '-g', 'history-limit')).toBe('history-limit 2000\n');
    expect(await box.tmux('show-options', '-w', '-v', '-t', '=one:', 'window-size')).toBe('manual\n');
    expect(await box.tmux('show-options', '-w', '-v', '-t', '=mine:', 'window-size')).toBe('');
  });

  test('without tmux the service runs and says so', async () => {
    await using service = await fixture({ TMUX_BIN: '/no/such/tmux' });
    expect(await service.call('GET', '/health')).toMatchObject({
      status: 503,
      body: { ok: false, tmuxAvailable: false },
    });
    expect(await service.call('GET', '/readyz')).toMatchObject({ status: 503 });
    expect(await service.call('GET', '/sessions')).toMatchObject({ status: 503, body: { code: 'TMUX_UNAVAILABLE' } });
  });
});
