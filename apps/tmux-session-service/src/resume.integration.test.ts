import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listSegments, readSegment } from './segments.ts';
import { createTerminalFilter } from './terminal-filter.ts';
import { eventually, fixture, launch, sandbox, serve } from './testing/fixture.ts';
import { terminal } from './testing/terminal-client.ts';

/** Prints colours, wide characters and clipboard sequences, a line for every line it reads; `q` ends it. */
const TALKER = `
i=0
while read -r line; do
  [ "$line" = q ] && break
  n=0
  while [ $n -lt \${line:-1} ]; do
    i=$((i+1)); n=$((n+1))
    printf '\\033[3%dm%06d 漢字 grüße 👩‍💻\\033[0m\\033]52;c;c2VjcmV0\\007\\n' $((i%8)) $i
  done
done
`;

/** All that was recorded, as a browser should see it. */
async function shown(folder: string): Promise<string> {
  const { starts } = await listSegments(folder);
  const filter = createTerminalFilter();
  let text = '';
  for (let at = 0; ; ) {
    const bytes = await readSegment(folder, starts, at, 1024 * 1024);
    if (bytes === undefined || bytes.length === 0) return text;
    text += filter.push(bytes);
    at += bytes.length;
  }
}

const recordingOf = (session: { recording: string | null }, dataDir: string): string =>
  join(dataDir, 'recordings', session.recording ?? 'none');

describe('a browser that comes back with its number', () => {
  test('gets what it missed, nothing missing and nothing twice, over fifty connections of five viewers', async () => {
    await using service = await fixture({ PCO_TMUX_SESSION_SERVICE_RECORDING_MB: '4' });
    const talker = join(service.dir, 'talker.sh');
    await writeFile(talker, TALKER);
    const { session } = await service.put('one', { command: ['/bin/sh', talker] });
    const texts = await Promise.all(
      Array.from({ length: 5 }, async (_, viewer) => {
        let text = '';
        let from = 0;
        for (let connection = 0; connection < 10; connection++) {
          const client = terminal(service.url, `/ws/sessions/one?mode=control&from=${from}`);
          await eventually(() => client.last('ready')).toBeDefined();
          client.send({ type: 'input', payload: `${20 + viewer}\r` });
          const enough = 200 * (connection + 1) - 37 * viewer;
          await eventually(() => client.output().length).toBeGreaterThan(Math.min(enough, 500));
          client.socket.close();
          await client.closed;
          expect(client.last('reset')).toBeUndefined();
          text += client.output();
          from = client.seq();
        }
        return { text, from };
      }),
    );
    await service.call('POST', '/sessions/one/input', { text: '1\n' });
    const folder = recordingOf(session, join(service.dir, 'data'));
    await eventually(async () => (await shown(folder)).match(/👩/g)?.length).toBe(
      5 * 10 * 20 + 10 * (0 + 1 + 2 + 3 + 4) + 1,
    );
    const whole = await shown(folder);
    expect(whole).not.toContain('\u001b]52');
    for (const { text, from } of texts) {
      const rest = terminal(service.url, `/ws/sessions/one?from=${from}`);
      await eventually(() => text + rest.output()).toBe(whole);
    }
  });

  test('gets it from a service that was killed meanwhile', async () => {
    await using box = await sandbox();
    const talker = join(box.dir, 'talker.sh');
    await writeFile(talker, TALKER);
    let text = '';
    let from = 0;
    let recording = '';
    {
      await using service = await launch(box);
      const { session } = await service.put('one', { command: ['/bin/sh', talker] });
      const client = terminal(service.url ?? '', '/ws/sessions/one?from=0');
      await eventually(() => client.last('ready')).toBeDefined();
      client.send({ type: 'input', payload: '50\r' });
      await eventually(client.output).toContain('000050');
      await service.kill('SIGKILL');
      await client.closed;
      text = client.output();
      from = client.seq();
      recording = session.recording ?? '';
    }
    await box.tmux('send-keys', '-t', '=one:', '300', 'Enter');
    await using service = await launch(box);
    const client = terminal(service.url ?? '', `/ws/sessions/one?from=${from}&recording=${recording}`);
    await eventually(client.output).toContain('000350');
    const folder = join(box.dir, 'data/recordings', recording);
    await eventually(async () => text + client.output() === (await shown(folder))).toBe(true);
  });

  test('is painted anew when its number is not kept, or counts another session', async () => {
    await using service = await fixture({ PCO_TMUX_SESSION_SERVICE_RECORDING_MB: '0.25' });
    await service.put('one', { command: ['sh', '-c', 'read go; seq 200000; echo the end; exec cat'] });
    await service.call('POST', '/sessions/one/input', { text: '\n' });
    await eventually(() => service.screen('one')).toContain('the end');
    for (const query of [
      'from=10',
      'from=999999999',
      'from=-1',
      'from=x',
      'recording=one~1234567890123&from=1299999',
    ]) {
      const client = terminal(service.url, `/ws/sessions/one?${query}`);
      await eventually(client.output).toContain('the end');
      expect(client.frames.map(({ type }) => type)).toEqual(['ready', 'control', 'reset', 'data']);
      expect(client.last('reset')).toMatchObject({ reason: 'lost', seq: client.seq() });
    }
  });
});

describe('a browser without a number', () => {
  test('is painted what the screen shows, and follows from there', async () => {
    await using service = await fixture();
    const script = 'printf "\\033[?2004h\\033[?1000h\\033[1;31mred\\033[0m\\r\\nplain\\033[5;9H"; exec cat';
    await service.put('one', { command: ['sh', '-c', script] });
    await eventually(() => service.screen('one')).toContain('plain');
    const client = terminal(service.url, '/ws/sessions/one');
    await client.painted();
    const text = client.output();
    expect(text.startsWith('\u001bc')).toBe(true);
    expect(text).toContain('\u001b[1m\u001b[31mred');
    expect(text).toContain('\u001b[?1000h');
    expect(text).toContain('\u001b[?2004h');
    expect(text.endsWith('\u001b[5;9H')).toBe(true);
    expect(client.last('reset')).toMatchObject({ reason: 'joined' });
    client.send({ type: 'input', payload: 'more\r' });
    await eventually(() => client.output().slice(text.length)).toBe('more\r\nmore\r\n');
  });

  test('that joined in a flood has the right screen when it is over', async () => {
    await using service = await fixture();
    await service.put('one', { command: ['sh', '-c', 'read go; seq 1000000; echo the end; exec cat'] });
    const [early] = [terminal(service.url, '/ws/sessions/one')];
    await early.painted();
    early.send({ type: 'input', payload: '\r' });
    await eventually(early.output).toContain('9999');
    const late = terminal(service.url, '/ws/sessions/one');
    await eventually(late.output).toContain('the end');
    await eventually(() => late.output().split('\u001bc').at(-1)).toMatch(/999999\s+1000000\s+the end/);
  });
});

test('a browser that does not read is left behind on disk, slows nobody, and gets everything later', async () => {
  await using service = await fixture({ PCO_TMUX_SESSION_SERVICE_RECORDING_MB: '64' });
  await service.put('one', { command: ['sh', '-c', 'read go; seq 2000000; echo the end; exec cat'] });
  const slow = await upgraded(`${service.url}/ws/sessions/one?from=0&mode=view`);
  slow.pause();
  const quick = terminal(service.url, '/ws/sessions/one?from=0');
  await eventually(() => quick.last('ready')).toBeDefined();
  quick.send({ type: 'input', payload: '\r' });
  await eventually(() =>
    quick.frames
      .slice(-3)
      .map(({ payload }) => payload)
      .join(''),
  ).toContain('the end');
  const buffered = async () => {
    const { body } = await service.call('GET', '/metrics');
    return Number(/^tmux_terminal_buffered_bytes (\d+)$/m.exec(String(body))?.[1]);
  };
  await eventually(buffered).toBeGreaterThan(0);
  expect(await buffered()).toBeLessThan(2 * 1024 * 1024); // of 17 MB
  let received = 0;
  let tail = '';
  slow.on('data', (bytes: Buffer) => {
    received += bytes.length;
    tail = (tail + bytes.toString('latin1')).slice(-1_000);
  });
  slow.resume();
  await eventually(() => tail).toContain('the end');
  expect(received).toBeGreaterThan(quick.output().length);
});

/** A WebSocket whose reading can be stopped. */
async function upgraded(url: string): Promise<Socket> {
  const asked = request(url, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    },
  });
  asked.end();
  const [, socket] = (await once(asked, 'upgrade')) as [unknown, Socket]; // as the event is documented
  onTestFinished(() => void socket.destroy());
  return socket;
}

test('who reconnects to a session whose writer was killed sees it all the same', async () => {
  await using box = await sandbox();
  await using service = await serve(box);
  await service.put('one', { command: ['sh', '-c', 'echo hello; exec cat'] });
  const client = terminal(service.url, '/ws/sessions/one');
  await eventually(client.output).toContain('hello');
  const server = Number(await box.tmux('display-message', '-p', '#{pid}'));
  expect(server).toBeGreaterThan(0);
  await box.tmux('pipe-pane', '-t', '=one:'); // ends the writer
  expect(await client.closed).toBe(1011);
  const again = terminal(service.url, '/ws/sessions/one');
  await eventually(again.output).toContain('hello');
  expect(again.last('ready')).toMatchObject({ recording: null });
});
