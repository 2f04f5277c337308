import { createRunnerStore } from '@pco/shared/redis';
import { eventually, RUNNER } from '@pco/shared/testing';
import { describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { terminal } from '../../tmux-session-service/src/testing/terminal-client.ts';
import { apiProcess, SERVICE_TOKEN, terminalFixture } from './testing/terminal-fixture.ts';

vi.setConfig({ testTimeout: 120_000 });
/** Floods take their time on a busy machine. */
const inTheEnd = <Value>(read: () => Value) => expect.poll(read, { timeout: 60_000, interval: 50 });
const TOKEN = 'a-token-of-sixteen-or-more';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const CAT = ['sh', '-c', 'exec cat'];
const at = (ticketId: string, query = '') => `/api/tickets/${ticketId}/terminal${query}`;

test('what is typed in the browser reaches the session of the ticket, and back', async () => {
  await using api = await terminalFixture();
  await api.session('ACME-1', ...CAT);
  const viewer = terminal(api.url, at('ACME-1', '?cols=100&rows=30'));
  viewer.opened.then(() => viewer.send({ type: 'input', payload: 'at once\r' }));
  await eventually(viewer.output).toContain('at once');
  expect(viewer.last('ready')).toMatchObject({ sessionId: 'claude-ACME-1', access: 'control' });
  expect(viewer.last('control')).toMatchObject({ holder: 'you', cols: 100, rows: 30 });
  expect(JSON.stringify(viewer.frames)).not.toContain(SERVICE_TOKEN);
});

test('a terminal is found at the address that its runner gave, also while its session-worker is away', async () => {
  await using api = await terminalFixture({}, 'http://127.0.0.1:9');
  await api.session('ACME-1', ...CAT);
  expect(await terminal(api.url, at('ACME-1')).closed).toBe(4503);
  const { client, keys } = api.core.redis;
  const runners = createRunnerStore(client, keys);
  const heartbeat = { instance: 'i', host: 'h', pid: 1, capacity: 1, at: 0, pools: [], labels: [], versions: {} };
  await runners.beat(RUNNER, { ...heartbeat, terminalUrl: api.service.url }, 5_000);
  await terminal(api.url, at('ACME-1')).painted();
  await runners.end(RUNNER, 'i');
  await terminal(api.url, at('ACME-1')).painted();
});

test('many look at one session, and each gets the end of it', async () => {
  await using api = await terminalFixture();
  await api.session('ACME-1', 'sh', '-c', 'read go; seq 20000; echo the end; read go');
  const viewers = Array.from({ length: 12 }, () => terminal(api.url, at('ACME-1', '?from=0&mode=view')));
  const typist = terminal(api.url, at('ACME-1', '?from=0'));
  for (const viewer of [...viewers, typist]) await eventually(() => viewer.last('ready')).toBeDefined();
  typist.send({ type: 'input', payload: '\r' });
  await eventually(typist.output).toContain('20000\r\nthe end\r\n'); // tmux may lose the last words of who ends at once
  typist.send({ type: 'input', payload: '\r' });
  for (const viewer of [...viewers, typist]) {
    expect(await viewer.closed).toBe(1000);
    expect(viewer.output()).toBe(typist.output());
    expect(viewer.last('exit')).toBeDefined();
  }
});

test('nothing that a program prints reaches the clipboard of a browser or makes it answer', async () => {
  await using api = await terminalFixture();
  const evil = String.raw`\033]52;c;c2VjcmV0\007\033[6n\033[c\033P+q544e\033\\\033]0;a title\007harmless\n`;
  await api.session('ACME-1', 'sh', '-c', `stty -echo; printf '${evil}'; exec cat`);
  const viewer = terminal(api.url, at('ACME-1', '?from=0'));
  await eventually(viewer.output).toContain('harmless');
  expect(viewer.output()).toBe('\u001b]0;a title\u0007harmless\r\n');
});

describe('with a token', () => {
  test('a terminal wants it, or a ticket that works once', async () => {
    await using api = await terminalFixture({ token: TOKEN });
    await api.session('ACME-1', ...CAT);
    expect(await terminal(api.url, at('ACME-1')).closed).toBe(1006);
    const issue = (body: object) =>
      api.call('POST', '/api/tickets/ACME-1/terminal-tickets', { body, headers: AUTHORIZED });
    const { status, json } = await issue({ mode: 'control' });
    expect([status, json]).toMatchObject([201, { mode: 'control', expiresAt: expect.stringMatching(/Z$/) }]);
    const { ticket } = json as { ticket: string }; // as just checked
    const viewer = terminal(api.url, at('ACME-1', `?ticket=${ticket}`));
    await viewer.painted();
    viewer.send({ type: 'input', payload: 'typed\r' });
    await eventually(viewer.output).toContain('typed');
    for (const used of [ticket, 'never-given', '']) {
      const again = terminal(api.url, at('ACME-1', `?ticket=${used}`));
      expect(await again.closed).toBe(4401);
      expect(again.frames).toMatchObject([{ type: 'error', message: expect.stringContaining('terminal ticket') }]);
    }
    const { json: late } = await issue({});
    const { client, keys } = api.core.redis;
    const [key = ''] = await client.keys(keys.terminalTicket('*'));
    expect(await client.pttl(key)).toBeLessThanOrEqual(30_000);
    await client.pexpire(key, 0); // as if its time were over
    expect(await terminal(api.url, at('ACME-1', `?ticket=${(late as { ticket: string }).ticket}`)).closed).toBe(4401);
    expect((await issue({ mode: 'everything' })).status).toBe(422);
    expect((await api.post('/api/tickets/ACME-1/terminal-tickets', {})).status).toBe(401);
  });

  test('a terminal is closed soon after the token that opened it is revoked, and nobody else is disturbed', async () => {
    await using api = await terminalFixture({ token: TOKEN });
    await api.session('ACME-1', ...CAT);
    const made = await api.call('POST', '/api/tokens', {
      body: { name: 'bob', role: 'operator' },
      headers: AUTHORIZED,
    });
    const { id, token } = made.json as { id: string; token: string }; // held to its declaration
    const open = async (bearer: string) => {
      const headers = { authorization: `Bearer ${bearer}` };
      const path = '/api/tickets/ACME-1/terminal-tickets';
      const { json } = await api.call('POST', path, { body: { mode: 'control' }, headers });
      const viewer = terminal(api.url, at('ACME-1', `?ticket=${(json as { ticket: string }).ticket}`)); // as above
      await viewer.painted();
      return viewer;
    };
    const [bob, admin] = [await open(token), await open(TOKEN)];
    expect((await api.call('DELETE', `/api/tokens/${id}`, { headers: AUTHORIZED })).status).toBe(200);
    expect(await bob.closed).toBe(4401);
    expect(bob.last('error')).toMatchObject({ message: expect.stringContaining('does not hold any more') });
    admin.send({ type: 'input', payload: 'still here\r' });
    await eventually(admin.output).toContain('still here');
  });

  test('a program that can set headers needs no ticket', async () => {
    await using api = await terminalFixture({ token: TOKEN });
    await api.session('ACME-1', ...CAT);
    const socket = new WebSocket(api.url.replace('http', 'ws') + at('ACME-1'), { headers: AUTHORIZED });
    const first = await new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
    expect(JSON.parse(first)).toMatchObject({ type: 'ready' });
    socket.terminate();
  });

  test('a ticket is for looking unless asked otherwise, and for one ticket', async () => {
    await using api = await terminalFixture({ token: TOKEN });
    await api.session('ACME-1', ...CAT);
    await api.bring('ACME-2', 'active');
    const issue = async (ticketId: string): Promise<string> => {
      const path = `/api/tickets/${ticketId}/terminal-tickets`;
      const { json } = await api.call('POST', path, { body: {}, headers: AUTHORIZED });
      return (json as { ticket: string }).ticket; // the answer's shape is shown above
    };
    const viewer = terminal(api.url, at('ACME-1', `?cols=30&rows=5&ticket=${await issue('ACME-1')}`));
    await viewer.painted();
    expect(viewer.last('ready')).toMatchObject({ access: 'view' });
    viewer.send({ type: 'input', payload: 'forbidden\r' });
    viewer.send({ type: 'control', action: 'take' });
    const program = new WebSocket(api.url.replace('http', 'ws') + at('ACME-1'), { headers: AUTHORIZED });
    program.once('message', () => program.send(JSON.stringify({ type: 'input', payload: 'allowed\r' })));
    await eventually(viewer.output).toContain('allowed');
    expect(viewer.output()).not.toContain('forbidden');
    expect(viewer.last('control')).toMatchObject({ cols: 80, rows: 24 });
    program.terminate();
    expect(await terminal(api.url, at('ACME-1', `?mode=control&ticket=${await issue('ACME-1')}`)).closed).toBe(1008);
    expect(await terminal(api.url, at('ACME-1', `?ticket=${await issue('ACME-2')}`)).closed).toBe(4401);
  });

  test('a page of another origin is refused, whatever it knows', async () => {
    await using api = await terminalFixture({ token: TOKEN, cors_origins: ['https://dash.example'] });
    await api.session('ACME-1', ...CAT);
    const open = async (origin: string) => {
      const socket = new WebSocket(api.url.replace('http', 'ws') + at('ACME-1'), { origin, headers: AUTHORIZED });
      const opened = await new Promise<boolean>((resolve) => {
        socket.once('open', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      socket.terminate();
      return opened;
    };
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1']) expect(await open(origin)).toBe(false);
    expect(await open('https://dash.example')).toBe(true);
    expect(await open(api.url)).toBe(true);
  });
});

test('what cannot be shown says why, in a frame and in the close', async () => {
  await using api = await terminalFixture();
  await api.bring('ACME-1', 'pending');
  await api.bring('ACME-2', 'active');
  for (const [path, code, why] of [
    [at('ACME-9'), 4404, /no such ticket/],
    [at('ACME-1'), 4404, /ACME-1 has none yet/],
    [at('ACME-2', '?session=claude-ACME-1'), 4404, /ACME-2 has none of that id/],
    [at('ACME-2', '?session=..%2F..%2Fme'), 4404, /ACME-2 has none of that id/],
    [at('ACME-2'), 4404, /there is no such session/],
    [at('acme-2'), 1008, /ticket key/],
  ] as const) {
    const viewer = terminal(api.url, path);
    const reason = new Promise((resolve) => viewer.socket.addEventListener('close', (event) => resolve(event.reason)));
    expect(await viewer.closed, path).toBe(code);
    expect(viewer.last('error')?.message, path).toMatch(why);
    expect(await reason, path).toMatch(why);
  }
  expect(await api.get(at('ACME-2'))).toMatchObject({ status: 426, json: { code: 'UPGRADE_REQUIRED' } });
});

test('a runner that cannot be reached, or is lost, closes with 4503', async () => {
  await using api = await terminalFixture();
  await api.session('ACME-1', ...CAT);
  const viewer = terminal(api.url, at('ACME-1'));
  await viewer.painted();
  await api.service[Symbol.asyncDispose]();
  expect(await viewer.closed).toBe(1001); // it said goodbye
  const again = terminal(api.url, at('ACME-1'));
  expect(await again.closed).toBe(4503);
  expect(again.last('error')).toMatchObject({ message: 'runner-1 cannot be reached' });
  expect(JSON.stringify(again.frames)).not.toContain(api.service.url);
});

test('an api that stops says goodbye to its terminals, and no session notices', async () => {
  const api = await terminalFixture();
  await using box = api.box;
  const id = await api.session('ACME-1', ...CAT);
  const viewer = terminal(api.url, at('ACME-1'));
  await viewer.painted();
  await using process = await apiProcess(api, box);
  const other = terminal(process.url, at('ACME-1'));
  await other.painted();
  await process[Symbol.asyncDispose]();
  expect(await other.closed).toBe(1006);
  expect(await box.tmux('list-sessions', '-F', '#{session_name}')).toContain(`${id}\n`);
  viewer.send({ type: 'input', payload: 'still here\r' });
  await eventually(viewer.output).toContain('still here');
  await api[Symbol.asyncDispose]();
  expect(await viewer.closed).toBe(1001);
});

test('apis are killed while a terminal floods; the browser comes back with its number and misses nothing', async () => {
  await using api = await terminalFixture();
  await api.session(
    'ACME-1',
    'sh',
    '-c',
    'read go; i=0; while [ $i -lt 20 ]; do i=$((i+1)); seq 3000; sleep 0.03; done; echo the end; exec cat',
  );
  let text = '';
  let from = 0;
  let isBegun = false;
  for (let kills = 0; ; kills++) {
    await using process = await apiProcess(api, api.box);
    const viewer = terminal(process.url, at('ACME-1', `?from=${from}`));
    await eventually(() => viewer.last('ready')).toBeDefined();
    if (!isBegun) viewer.send({ type: 'input', payload: '\r' });
    isBegun = true;
    const isLast = kills === 2;
    // a browser that was slow may have had all of it before
    if (isLast) await inTheEnd(() => text.slice(-100) + viewer.output()).toContain('the end');
    else if (!text.includes('the end')) await eventually(() => viewer.output().length).toBeGreaterThan(50_000);
    await process[Symbol.asyncDispose](); // SIGKILL
    await viewer.closed;
    expect(viewer.last('reset')).toBeUndefined();
    text += viewer.output();
    from = viewer.seq() || from;
    if (isLast) break;
  }
  const lines = Array.from({ length: 3_000 }, (_, index) => `${index + 1}\r\n`).join('');
  expect(text === `\r\n${lines.repeat(20)}the end\r\n`).toBe(true);
});

test('a browser that does not read costs the api a bounded buffer, slows nobody, and gets everything later', async () => {
  await using api = await terminalFixture();
  await api.session('ACME-1', 'sh', '-c', 'read go; seq 1000000; echo the end; exec cat');
  const slow = new WebSocket(`${api.url.replace('http', 'ws')}${at('ACME-1', '?from=0&mode=view')}`);
  let bytes = 0;
  let tail = '';
  slow.on('message', (data: Buffer) => {
    bytes += data.length;
    tail = data.subarray(-200).toString();
  });
  await new Promise((resolve) => slow.once('message', resolve));
  slow.pause();
  const quick = terminal(api.url, at('ACME-1', '?from=0'));
  await eventually(() => quick.last('ready')).toBeDefined();
  quick.send({ type: 'input', payload: '\r' });
  const sample = async (name: string) =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await api.get('/metrics')).text)?.[1]);
  await inTheEnd(() => quick.frames.at(-1)?.payload).toContain('the end');
  expect(await sample('api_terminals')).toBe(2);
  await eventually(() => sample('api_terminal_buffered_bytes')).toBeGreaterThan(0);
  expect(await sample('api_terminal_buffered_bytes')).toBeLessThan(1024 * 1024); // of more than 8 MB
  slow.resume();
  await inTheEnd(() => tail).toContain('the end');
  expect(bytes).toBeGreaterThan(quick.output().length);
  slow.terminate();
});

test('a session is replayed while it runs and after it ended, to whoever may look', async () => {
  await using api = await terminalFixture({ token: TOKEN });
  const secret = 'sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789';
  const id = await api.session(
    'ACME-1',
    'sh',
    '-c',
    `printf '\\033]52;c;eA==\\007'; echo the key is ${secret}; exec cat`,
  );
  const open = async (query: string) => {
    const path = '/api/tickets/ACME-1/terminal-tickets';
    const { json } = await api.call('POST', path, { body: {}, headers: AUTHORIZED });
    const { ticket } = json as { ticket: string }; // its shape is shown above
    return terminal(api.url, `/api/tickets/ACME-1/replay?${query}&ticket=${ticket}`);
  };
  const live = await open('at=999999999');
  await eventually(() => live.last('position')).toMatchObject({ state: 'live' });
  await api.end(id);
  await eventually(() => live.last('position')).toMatchObject({ state: 'ended' });
  const later = await open('speed=100');
  await eventually(() => later.last('position')).toMatchObject({ state: 'ended' });
  live.send({ type: 'seek', atMs: 0 });
  await eventually(() => live.last('reset')).toMatchObject({ reason: 'seek' });
  for (const viewer of [live, later]) {
    await eventually(viewer.output).toContain(`the key is ${'*'.repeat(secret.length)}\r\n`);
    expect(viewer.output()).not.toContain('\u001b]52');
  }
  expect(await terminal(api.url, '/api/tickets/ACME-1/replay').closed).toBe(1006);
});

test('recordings of all sessions of a ticket are listed and given without their secrets', async () => {
  await using api = await terminalFixture();
  const secret = 'sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789';
  const id = await api.session('ACME-1', 'sh', '-c', `echo the key is ${secret}; exec cat`);
  const viewer = terminal(api.url, at('ACME-1', '?from=0'));
  await eventually(viewer.output).toContain('the key is');
  await api.end(id);
  const list = await api.get('/api/tickets/ACME-1/recordings');
  expect(list).toMatchObject({ status: 200, json: [{ session_id: id, started_at: expect.stringMatching(/Z$/) }] });
  const [{ name } = { name: '' }] = list.json as { name: string }[]; // as just checked
  const cast = await api.get(`/api/tickets/ACME-1/recordings/${name}`);
  expect(cast).toMatchObject({ status: 200, headers: { 'content-type': 'application/x-asciicast' } });
  expect(cast.text).toContain('the key is ****');
  expect(cast.text).not.toContain(secret);
  for (const path of ['ACME-1/recordings/claude-ACME-1~1', 'ACME-1/recordings/claude-ACME-2~1', 'ACME-3/recordings'])
    expect((await api.get(`/api/tickets/${path}`)).status, path).toBe(404);
});
