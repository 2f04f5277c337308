import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { eventually, fixture } from './testing/fixture.ts';

const Frame = z.looseObject({ type: z.string() });

/** A browser's terminal: what came in, and how it ended. */
function terminal(url: string, path: string, protocols: string[] = []) {
  const socket = new WebSocket(url.replace('http', 'ws') + path, protocols);
  const frames: z.output<typeof Frame>[] = [];
  const closed = Promise.withResolvers<number>();
  socket.addEventListener('message', ({ data }) => frames.push(Frame.parse(JSON.parse(String(data)))));
  socket.addEventListener('close', ({ code }) => closed.resolve(code));
  onTestFinished(() => socket.close());
  return {
    socket,
    frames,
    closed: closed.promise,
    opened: once(socket, 'open'),
    send: (frame: unknown) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    output: () => frames.map(({ payload }) => payload ?? '').join(''),
  };
}

const CAT = ['cat', '-'];

test('what is typed in the browser is on the screen of the session, and back', async () => {
  await using service = await fixture();
  await service.put('one', { command: CAT });
  const viewer = terminal(service.url, '/ws/sessions/one');
  await eventually(() => viewer.frames[0]).toEqual({ type: 'ready', sessionId: 'one' });
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

test('a smaller viewer does not shrink the window of a larger one', async () => {
  await using service = await fixture();
  await service.put('one', { command: CAT });
  const size = () => service.tmux('display-message', '-p', '-t', '=one:', '#{window_width}x#{window_height}');
  const large = terminal(service.url, '/ws/sessions/one?cols=150&rows=40');
  await eventually(size).toBe('150x40\n');
  const small = terminal(service.url, '/ws/sessions/one?cols=60&rows=50');
  await eventually(size).toBe('150x50\n');
  for (const { frames } of [large, small]) expect(frames[0]?.type).toBe('ready');
});

test('closing a terminal ends its client only; the end of the session ends the terminal', async () => {
  await using service = await fixture();
  await service.put('one', { command: CAT });
  const clients = async () => (await service.tmux('list-clients', '-t', '=one:')).split('\n').length - 1;
  const [first, second] = [terminal(service.url, '/ws/sessions/one'), terminal(service.url, '/ws/sessions/one')];
  await eventually(clients).toBe(2);
  first.socket.close();
  await eventually(clients).toBe(1);
  expect(await service.list()).toMatchObject([{ active: true }]);
  await service.call('DELETE', '/sessions/one');
  expect(await second.closed).toBe(1000);
  expect(second.frames.at(-1)).toMatchObject({ type: 'exit', exitCode: 0 });
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
