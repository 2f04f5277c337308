import { describe, expect, test } from 'vitest';
import { eventually, fixture } from './testing/fixture.ts';
import { terminal } from './testing/terminal-client.ts';

const CAT = ['cat', '-'];

test('what is typed in the browser is on the screen of the session, and back', async () => {
  await using service = await fixture();
  await service.put('one', { command: CAT });
  const viewer = terminal(service.url, '/ws/sessions/one');
  await eventually(() => viewer.frames[0]).toMatchObject({ type: 'ready', sessionId: 'one', access: 'control' });
  viewer.send({ type: 'input', payload: 'grüße\r' });
  await eventually(() => service.screen('one')).toMatch(/^grüße\ngrüße\n/);
  await eventually(viewer.output).toContain('grüße');
});

test('frames sent before the terminal is ready are not lost, and malformed ones are ignored', async () => {
  await using service = await fixture();
  await service.put('one', { command: CAT });
  const viewer = terminal(service.url, '/ws/sessions/one/');
  await viewer.opened;
  viewer.send({ type: 'resize', cols: 101, rows: 31 });
  for (const bad of [
    '{',
    '[]',
    'null',
    '{"type":"input","payload":1}',
    '{"type":"resize","cols":0,"rows":5}',
    '{"type":"x"}',
  ])
    viewer.send(bad);
  viewer.send({ type: 'input', payload: 'early\r' });
  await eventually(() => service.screen('one')).toContain('early\nearly');
  await expect
    .poll(() => service.tmux('display-message', '-p', '-t', '=one:', '#{window_width}x#{window_height}'))
    .toBe('101x31\n');
  expect(viewer.frames.some(({ type }) => type === 'error')).toBe(false);
});

test('the size is set by one viewer at a time; who takes it tells the others', async () => {
  await using service = await fixture();
  await service.put('one', { command: CAT });
  const size = () => service.tmux('display-message', '-p', '-t', '=one:', '#{window_width}x#{window_height}');
  const first = terminal(service.url, '/ws/sessions/one?cols=150&rows=40');
  await eventually(size).toBe('150x40\n');
  const second = terminal(service.url, '/ws/sessions/one?cols=60&rows=20');
  await eventually(() => second.last('control')).toMatchObject({ holder: 'other', cols: 150, rows: 40 });
  second.send({ type: 'resize', cols: 70, rows: 25 });
  second.send({ type: 'input', payload: 'typed all the same' });
  await eventually(() => service.screen('one')).toContain('typed all the same');
  expect(await size()).toBe('150x40\n');
  second.send({ type: 'control', action: 'take' });
  await eventually(size).toBe('70x25\n');
  await eventually(() => first.last('control')).toMatchObject({ holder: 'other', cols: 70, rows: 25 });
  expect(second.last('control')).toMatchObject({ holder: 'you' });
  second.socket.close();
  await eventually(() => first.last('control')).toMatchObject({ holder: 'nobody', cols: 70, rows: 25 });
  first.send({ type: 'resize', cols: 99, rows: 30 });
  await eventually(size).toBe('99x30\n');
});

test('closing a terminal ends nothing; the end of the session ends the terminal', async () => {
  await using service = await fixture();
  await service.put('one', { command: CAT });
  const [first, second] = [terminal(service.url, '/ws/sessions/one'), terminal(service.url, '/ws/sessions/one')];
  await Promise.all([first, second].map((each) => each.painted()));
  first.socket.close();
  await first.closed;
  expect(await service.list()).toMatchObject([{ active: true }]);
  await service.call('DELETE', '/sessions/one');
  expect(await second.closed).toBe(1000);
  expect(second.frames.at(-1)).toMatchObject({ type: 'exit', exitCode: null });
});

describe('a session that is not ours, or has several panes', () => {
  test('is drawn by a client of its own', async () => {
    await using service = await fixture();
    await service.tmux('new-session', '-d', '-s', 'by-hand', '-x', '90', '-y', '20', 'cat', '-');
    const viewer = terminal(service.url, '/ws/sessions/by-hand?cols=100&rows=30');
    await eventually(() => viewer.last('ready')).toMatchObject({ recording: null });
    viewer.send({ type: 'input', payload: 'hello\r' });
    await eventually(() => service.screen('by-hand')).toContain('hello\nhello');
    await eventually(viewer.output).toContain('hello');
    viewer.socket.close();
    await eventually(() => service.tmux('list-clients', '-t', '=by-hand:')).toBe('');
    await service.call('DELETE', '/sessions/by-hand');
  });

  test('shows all its panes', async () => {
    await using service = await fixture();
    await service.put('two', { command: ['sh', '-c', 'echo the first; exec cat'] });
    await service.tmux('split-window', '-t', '=two:', 'sh', '-c', 'echo the second; exec cat');
    const viewer = terminal(service.url, '/ws/sessions/two');
    await eventually(viewer.output).toContain('the second');
    expect(viewer.output()).toContain('the first');
  });
});

test('a terminal creates a session only when told to', async () => {
  await using service = await fixture();
  const missing = terminal(service.url, '/ws/sessions/one');
  expect(await missing.closed).toBe(4404);
  expect(missing.frames).toEqual([{ type: 'error', message: 'there is no such session' }]);
  const made = terminal(service.url, '/ws/sessions/one?create=true&projectId=p');
  await eventually(() => made.frames[0]?.type).toBe('ready');
  expect(await service.list()).toMatchObject([{ sessionId: 'one', projectId: 'p', source: 'web', active: true }]);
  expect(await terminal(service.url, '/ws/sessions/a.b').closed).toBe(1008);
  expect(await terminal(service.url, '/elsewhere').closed).toBe(1006);
});

test('a flood arrives to its end, in large frames', async () => {
  await using service = await fixture();
  await service.put('flood', { command: ['sh', '-c', 'read go; seq 300000; echo the end; exec cat'] });
  const viewer = terminal(service.url, '/ws/sessions/flood');
  await eventually(() => viewer.frames[0]?.type).toBe('ready');
  viewer.send({ type: 'input', payload: '\r' });
  await eventually(viewer.output).toContain('the end');
  expect(viewer.frames.length).toBeLessThan(3_000);
});

test('a terminal needs the token: in the query, or as a subprotocol', async () => {
  const token = '0123456789abcdef';
  await using service = await fixture({ PCO_TMUX_SESSION_SERVICE_TOKEN: token });
  expect(await terminal(service.url, '/ws/sessions/one').closed).toBe(1006);
  expect(await terminal(service.url, '/ws/sessions/one?token=wrong').closed).toBe(1006);
  const byQuery = terminal(service.url, `/ws/sessions/one?create=true&token=${token}`);
  await eventually(() => byQuery.frames[0]?.type).toBe('ready');
  const byProtocol = terminal(service.url, '/ws/sessions/one', ['bearer', token]);
  await eventually(() => byProtocol.frames[0]?.type).toBe('ready');
  expect(byProtocol.socket.protocol).toBe('bearer');
});

test('who may only look is not heard', async () => {
  const token = '0123456789abcdef';
  const viewToken = 'only-for-looking';
  await using service = await fixture({
    PCO_TMUX_SESSION_SERVICE_TOKEN: token,
    PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN: viewToken,
  });
  const authorization = `Bearer ${token}`;
  await service.call('PUT', '/sessions/one', { command: CAT }, { authorization });
  const byToken = terminal(service.url, `/ws/sessions/one?token=${viewToken}&cols=50&rows=10`);
  const byMode = terminal(service.url, `/ws/sessions/one?token=${token}&mode=view&cols=50&rows=10`);
  for (const viewer of [byToken, byMode]) {
    await viewer.painted();
    expect(viewer.last('ready')).toMatchObject({ access: 'view' });
    viewer.send({ type: 'input', payload: 'forbidden' });
    viewer.send({ type: 'control', action: 'take' });
    viewer.send({ type: 'resize', cols: 30, rows: 5 });
  }
  const typist = terminal(service.url, `/ws/sessions/one?token=${token}`);
  await typist.painted();
  typist.send({ type: 'input', payload: 'allowed' });
  for (const viewer of [byToken, byMode]) await eventually(viewer.output).toContain('allowed');
  const screen = await service.call('GET', '/sessions/one/screen', undefined, { authorization: `Bearer ${viewToken}` });
  expect(screen.body).toMatchObject({ screen: expect.not.stringContaining('forbidden') });
  expect(byToken.last('control')).toMatchObject({ holder: 'nobody', cols: 80, rows: 24 });

  const asks = terminal(service.url, `/ws/sessions/one?token=${viewToken}&mode=control`);
  expect(await asks.closed).toBe(1008);
  const creates = terminal(service.url, `/ws/sessions/new?token=${viewToken}&create=true`);
  expect(await creates.closed).toBe(1008);
  for (const [method, path] of [
    ['POST', '/sessions/one/input'],
    ['PUT', '/sessions/two'],
    ['DELETE', '/sessions/one'],
  ] as const)
    expect(await service.call(method, path, {}, { authorization: `Bearer ${viewToken}` })).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    });
});

test('stopping the service closes its terminals and leaves the sessions', async () => {
  const service = await fixture();
  await using box = service.box;
  await service.put('one', { command: CAT });
  const viewer = terminal(service.url, '/ws/sessions/one');
  await eventually(() => viewer.frames[0]?.type).toBe('ready');
  await service.stop();
  await viewer.closed;
  expect(await box.tmux('list-sessions', '-F', '#{session_name}')).toContain('one\n');
  await eventually(() => box.tmux('list-clients')).toBe('');
});
