import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plantedSecrets } from '@pco/shared/testing/planted-secrets';
import { HOUR_MS } from '@pco/shared/time';
import { expect, test } from 'vitest';
import { eventually, fixture } from './testing/fixture.ts';
import { type Frame, terminal } from './testing/terminal-client.ts';

const REPLAY = '/ws/sessions/one/replay';
/** Prints a word, a long while later another one. */
const SLOW = 'echo first; sleep 1.2; echo second; sleep 1.2; echo third';

/** Ends the session when its last word is kept: one that ends as it prints may lose that word to the kernel. */
const recorded = async (service: Awaited<ReturnType<typeof fixture>>, script: string, last: string) => {
  await service.put('one', { command: ['sh', '-c', `${script}; exec cat`], cols: 90, rows: 20 });
  await eventually(async () => (await service.call('GET', '/sessions/one/recording')).body).toContain(last);
  await service.tmux('kill-session', '-t', '=one');
  await eventually(async () => (await service.list())[0]?.active).toBe(false);
};
/** What is on the screen: what came since the last new beginning. */
const picture = (frames: readonly Frame[]): string => {
  const begin = frames.findLastIndex(({ type }) => type === 'reset');
  const text = frames.slice(begin + 1).map(({ payload }) => payload ?? '');
  return text.join('').replace('\u001bc', '');
};

test('a recording is played as fast as it was, or as one likes, and stays at its end', async () => {
  await using service = await fixture();
  await recorded(service, SLOW, 'third');
  const began = performance.now();
  const normal = terminal(service.url, REPLAY);
  const quick = terminal(service.url, `${REPLAY}?speed=100`);
  await eventually(() => quick.last('position')).toMatchObject({ state: 'ended', speed: 100 });
  expect(quick.output()).toBe('first\r\nsecond\r\nthird\r\n');
  expect(quick.frames.slice(0, 2)).toMatchObject([
    {
      type: 'ready',
      sessionId: 'one',
      recording: expect.stringMatching(/^one~/),
      startedAt: expect.stringMatching(/Z$/),
    },
    { type: 'control', holder: 'nobody', cols: 90, rows: 20 },
  ]);
  await eventually(() => normal.last('position')).toMatchObject({ state: 'ended' });
  expect(performance.now() - began).toBeGreaterThan(2_300);
  const times = normal.frames.filter(({ type }) => type === 'data').map(({ atMs }) => Number(atMs));
  expect(times).toHaveLength(3);
  expect(Number(times[2]) - Number(times[0])).toBeGreaterThan(2_300);
  const end = normal.last('position');
  expect(end?.atMs).toBe(end?.durationMs);
  expect(Number(end?.durationMs)).toBeGreaterThanOrEqual(Number(times[2]));
});

test('it plays as before when it was put to rest', async () => {
  await using service = await fixture();
  const script = 'read go; echo first; sleep 0.2; echo second; exec cat';
  const { session } = await service.put('one', { command: ['sh', '-c', script], cols: 90, rows: 20 });
  const typist = terminal(service.url, '/ws/sessions/one?cols=60&rows=15');
  await eventually(() => typist.last('control')).toMatchObject({ cols: 60, rows: 15 });
  typist.send({ type: 'input', payload: '\r' });
  await eventually(typist.output).toContain('second');
  await service.tmux('kill-session', '-t', '=one');
  const folder = join(service.dir, 'data/recordings', session.recording ?? '');
  await eventually(() => readdir(folder)).not.toContain('000000000000000.idx');
  const viewer = terminal(service.url, `${REPLAY}?speed=100`);
  await eventually(() => viewer.last('position')).toMatchObject({ state: 'ended' });
  expect(viewer.output()).toBe('\r\nfirst\r\nsecond\r\n');
  const sizes = viewer.frames.filter(({ type }) => type === 'control');
  expect(sizes).toMatchObject([
    { cols: 90, rows: 20 },
    { cols: 60, rows: 15 },
  ]);
});

test('it can be paused, and moved forward and back', async () => {
  await using service = await fixture();
  await recorded(service, SLOW, 'third');
  // where the words are depends on how busy the machine was
  const cast = String((await service.call('GET', '/sessions/one/recording')).body);
  const [first = 0, second = 0, third = 0] = [...cast.matchAll(/^\[([\d.]+),"o"/gm)].map(
    ([, at]) => Number(at) * 1_000,
  );
  const [afterFirst, afterSecond] = [Math.round((first + second) / 2), Math.round((second + third) / 2)];
  const viewer = terminal(service.url, REPLAY);
  await viewer.opened;
  viewer.send({ type: 'pause' }); // at once, while it is only being opened
  viewer.send({ type: 'seek', atMs: afterSecond });
  await eventually(() => picture(viewer.frames)).toBe('first\r\nsecond\r\n');
  expect(viewer.last('position')).toMatchObject({ state: 'paused', atMs: afterSecond });
  viewer.send({ type: 'seek', atMs: afterFirst });
  await eventually(() => viewer.last('reset')).toMatchObject({ reason: 'seek' });
  await eventually(() => picture(viewer.frames)).toBe('first\r\n');
  viewer.send({ type: 'seek', atMs: 999_999 });
  await eventually(() => picture(viewer.frames)).toBe('first\r\nsecond\r\nthird\r\n');
  viewer.send({ type: 'play', speed: 50 });
  await eventually(() => viewer.last('position')).toMatchObject({ state: 'ended', speed: 50 });
  viewer.send({ type: 'play' }); // from the beginning, once more
  await eventually(() => viewer.frames.filter(({ type }) => type === 'reset')).toHaveLength(2);
  await eventually(() => viewer.last('position')).toMatchObject({ state: 'ended' });
  expect(picture(viewer.frames)).toBe('first\r\nsecond\r\nthird\r\n');
});

test('long silences can be cut short, and nonsense is ignored', async () => {
  await using service = await fixture();
  const { session } = await service.put('one', {
    command: ['sh', '-c', 'echo first; sleep 0.2; echo second; exec cat'],
  });
  await eventually(() => service.screen('one')).toContain('second');
  const index = join(service.dir, 'data/recordings', session.recording ?? '', '000000000000000.idx');
  const entries = (await readFile(index, 'utf8')).replace(/ (\d+)\n$/, (_, atMs) => ` ${Number(atMs) + HOUR_MS}\n`);
  await writeFile(index, entries); // as if an hour had been between them
  const viewer = terminal(service.url, REPLAY);
  await viewer.opened;
  for (const frame of ['nonsense', '{}', { type: 'play', speed: -1 }, { type: 'seek', atMs: '7' }, { type: 'input' }])
    viewer.send(frame);
  viewer.send({ type: 'play', maxPauseMs: 100 });
  await eventually(() => viewer.last('position')).toMatchObject({ state: 'live', speed: 1 });
  expect(viewer.output()).toBe('first\r\nsecond\r\n');
});

test('a session that runs is followed, with the sizes of its window, until it ends', async () => {
  await using service = await fixture();
  await service.put('one', {
    command: ['sh', '-c', 'stty -echo; echo ready; while read -r line; do echo "$line"; done'],
  });
  const viewer = terminal(service.url, `${REPLAY}?at=999999999`);
  await eventually(() => viewer.last('position')).toMatchObject({ state: 'live' });
  await service.call('POST', '/sessions/one/input', { text: 'hello\n' });
  await eventually(viewer.output).toBe('ready\r\nhello\r\n');
  const typist = terminal(service.url, '/ws/sessions/one?cols=60&rows=15');
  await eventually(() => typist.last('control')).toMatchObject({ cols: 60, rows: 15 });
  await service.call('POST', '/sessions/one/input', { text: 'narrow\n' });
  await eventually(() => viewer.last('control')).toMatchObject({ holder: 'nobody', cols: 60, rows: 15 });
  await eventually(viewer.output).toBe('ready\r\nhello\r\nnarrow\r\n');
  await service.call('DELETE', '/sessions/one');
  await eventually(() => viewer.last('position')).toMatchObject({ state: 'ended' });
});

test('of 200 secrets none is shown, whether one comes later or watches as they are printed, piece by piece', async () => {
  await using service = await fixture();
  const planted = plantedSecrets(200);
  const text = planted.map(({ printed }) => `$ ${printed}\nok\n`).join('');
  const file = join(service.dir, 'secrets.txt');
  await writeFile(file, text);
  const piecemeal =
    'open F, shift; $| = 1; read STDIN, $go, 1; while (read F, $b, 97) { print $b; select undef, undef, undef, 0.01 } print "the end\\n"; sleep';
  await service.put('one', { command: ['perl', '-e', piecemeal, file], cols: 1000, rows: 50 });
  const live = terminal(service.url, `${REPLAY}?at=999999999`);
  await eventually(() => live.last('position')).toMatchObject({ state: 'live' });
  await service.call('POST', '/sessions/one/input', { text: '\n' });
  await expect.poll(live.output, { timeout: 30_000 }).toContain('the end');
  const later = terminal(service.url, `${REPLAY}?speed=100`);
  await eventually(later.output).toContain('the end');
  for (const viewer of [live, later]) {
    expect(planted.filter(({ secret }) => viewer.output().includes(secret))).toEqual([]);
    expect(viewer.output()).toContain('****');
  }
  expect(live.frames.length).toBeGreaterThan(20);
});

test('what reaches the clipboard of a browser or makes it answer is left out of a replay, too', async () => {
  await using service = await fixture();
  const evil = String.raw`\033]52;c;c2VjcmV0\007\033[6n\033[c\033P+q544e\033\\\033]0;a title\007harmless\n`;
  await recorded(service, `stty -echo; printf '${evil}'`, 'harmless');
  const viewer = terminal(service.url, `${REPLAY}?speed=100`);
  await eventually(viewer.output).toBe('\u001b]0;a title\u0007harmless\r\n');
  await eventually(() => viewer.last('position')).toMatchObject({ state: 'ended' });
});

test('who asks for a recording that is not there is told so; a view token is enough', async () => {
  const token = '0123456789abcdef';
  const viewToken = 'only-for-looking';
  await using service = await fixture({
    PCO_TMUX_SESSION_SERVICE_TOKEN: token,
    PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN: viewToken,
  });
  const authorization = `Bearer ${token}`;
  const command = ['sh', '-c', 'echo hello; exec cat'];
  expect(await service.call('PUT', '/sessions/one', { command }, { authorization })).toMatchObject({ status: 200 });
  const viewer = terminal(service.url, `${REPLAY}?token=${viewToken}`);
  await eventually(viewer.output).toBe('hello\r\n');
  expect(await terminal(service.url, REPLAY).closed).toBe(1006);
  for (const path of ['/ws/sessions/two/replay', `${REPLAY}?recording=one~1`, '/ws/sessions/a.b/replay']) {
    const missing = terminal(service.url, `${path}${path.includes('?') ? '&' : '?'}token=${token}`);
    expect(await missing.closed, path).toBe(4404);
    expect(missing.frames).toMatchObject([{ type: 'error', message: 'no output of such a session is kept' }]);
  }
});
