import { execFile } from 'node:child_process';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLogger } from '@pco/shared/log';
import { plantedSecrets } from '@pco/shared/testing/planted-secrets';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openRecordings } from './recordings.ts';
import { eventually, fixture, launch, sandbox } from './testing/fixture.ts';

const Header = z.object({ version: z.literal(2), width: z.number(), height: z.number(), title: z.string() });
const Event = z.tuple([z.number(), z.enum(['o', 'r']), z.string()]);

function parseCast(body: unknown) {
  const [header = '', ...lines] = String(body).trimEnd().split('\n');
  const events = lines.map((line) => Event.parse(JSON.parse(line)));
  const output = events.filter(([, kind]) => kind === 'o').map(([, , text]) => text);
  return { header: Header.parse(JSON.parse(header)), events, text: output.join('') };
}

test('a session can be played while it runs, after it ended and after it was removed', async () => {
  await using service = await fixture();
  await service.put('one', {
    command: ['sh', '-c', 'echo first; read go; printf "\\033]52;c;eA==\\007second\\n"; exec cat'],
    cols: 90,
    rows: 20,
  });
  const cast = async () => parseCast((await service.call('GET', '/sessions/one/recording')).body);
  await eventually(async () => (await cast()).text).toBe('first\r\n');
  expect((await cast()).header).toMatchObject({ width: 90, height: 20, title: 'one' });
  await service.call('POST', '/sessions/one/input', { text: 'go\n' });
  await eventually(async () => (await cast()).text).toBe('first\r\ngo\r\nsecond\r\n');
  await service.tmux('kill-session', '-t', '=one');
  await eventually(async () => (await service.list())[0]?.active).toBe(false);
  await service.call('DELETE', '/sessions/one');
  const { events, text } = await cast();
  expect(text).toBe('first\r\ngo\r\nsecond\r\n');
  const times = events.map(([seconds]) => seconds);
  expect(times.toSorted((a, b) => a - b)).toEqual(times);
  expect(times[0]).toBeLessThan(30);

  expect(await service.put('one', { command: ['sh', '-c', 'echo another; exec cat'] })).toMatchObject({
    created: true,
  });
  await eventually(async () => (await cast()).text).toBe('another\r\n');
  const { body } = await service.call('GET', '/sessions/one/recordings');
  const names = z.object({ recordings: z.array(z.object({ name: z.string() })) }).parse(body).recordings;
  expect(names).toHaveLength(2);
  const older = await service.call('GET', `/sessions/one/recording?name=${names[0]?.name}`);
  expect(parseCast(older.body).text).toBe(text);
  expect(await service.call('GET', '/sessions/two/recording')).toMatchObject({
    status: 404,
    body: { code: 'RECORDING_NOT_FOUND' },
  });
});

test('of 200 secrets in the output none is in the recording or the log', async () => {
  await using box = await sandbox();
  await using service = await launch(box, { PCO_LOGGING_LEVEL: 'debug' });
  const planted = plantedSecrets(200);
  const given = 'correct-horse_battery';
  const file = join(box.dir, 'secrets.txt');
  await writeFile(file, [...planted.map(({ printed }) => printed), `given: ${given}`, 'the end', ''].join('\n'));
  // the first half at once, the rest in pieces of 7 bytes
  const script =
    'head -n 100 "$0"; tail -n +101 "$0" | while IFS= read -r line; do printf "%s" "$line" | dd bs=7 status=none; echo; done; exec cat';
  await service.put('one', { command: ['sh', '-c', script, file], env: { MY_SECRET: given } });
  await eventually(() => service.screen('one')).toContain('the end');
  const { text } = parseCast((await service.call('GET', '/sessions/one/recording')).body);
  expect(text).toContain('the end');
  const secrets = [...planted.map(({ secret }) => secret), given];
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  await service.kill('SIGTERM');
  expect(secrets.filter((secret) => service.stdout().includes(secret))).toEqual([]);
});

/** What `grep` finds in the files of a folder, compressed ones as well. */
async function foundIn(dir: string, texts: readonly string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', 'grep -rh "" "$0"; find "$0" -name "*.gz" -exec zcat {} +', dir],
    {
      encoding: 'latin1',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return texts.filter((text) => stdout.includes(text));
}

test('of a session that has ended no secret is left on disk, and it plays as before', async () => {
  await using box = await sandbox();
  await using service = await launch(box);
  const planted = plantedSecrets(200);
  const secrets = planted.map(({ secret }) => secret);
  const file = join(box.dir, 'secrets.txt');
  await writeFile(file, [...planted.map(({ printed }) => printed), 'the end', ''].join('\n'));
  await service.put('one', {
    command: ['sh', '-c', 'cat "$0"; printf "\\033]0;%s\\007" "$1"; exec cat', file, secrets[0] ?? ''],
  });
  const cast = async () => String((await service.call('GET', '/sessions/one/recording')).body);
  await eventually(cast).toContain('the end');
  const root = join(box.dir, 'data');
  expect(await foundIn(root, secrets), 'while it runs they are there, or this test shows nothing').not.toEqual([]);
  const before = parseCast(await cast()).text;
  await box.tmux('kill-session', '-t', '=one');
  const [name = ''] = await readdir(join(root, 'recordings'));
  const files = async () => (await readdir(join(root, 'recordings', name))).sort();
  await eventually(files).toEqual(['end', 'meta.json', 'recording.cast.gz']);
  expect(await foundIn(join(root, 'recordings'), secrets)).toEqual([]);
  expect(parseCast(await cast()).text).toBe(before);
  await service.kill('SIGKILL');
  await using again = await launch(box);
  expect(String((await again.call('GET', '/sessions/one/recording')).body)).toContain('the end');
});

test('a rest that was cut short is done again, and finished where only files were left over', async () => {
  await using box = await sandbox();
  const root = join(box.dir, 'data/recordings');
  {
    await using service = await launch(box);
    for (const id of ['one', 'two', 'three'])
      await service.put(id, { command: ['sh', '-c', `echo ${id} ghp_${'a1'.repeat(18)}; exec cat`] });
    for (const id of ['one', 'two', 'three']) await eventually(() => service.screen(id)).toContain(id);
    await service.kill('SIGKILL');
  }
  await box.tmux('kill-server');
  const [one = '', three = '', two = ''] = (await readdir(root)).sort();
  for (const name of [one, two, three]) await eventually(() => readdir(join(root, name))).toContain('end');
  await writeFile(join(root, one, 'recording.cast.gz.part'), 'cut short');
  const segment = await readFile(join(root, two, '000000000000000.out'));
  {
    await using service = await launch(box);
    for (const name of [one, two, three])
      await eventually(() => readdir(join(root, name))).not.toContain('000000000000000.out');
    await service.kill('SIGKILL');
  }
  await writeFile(join(root, two, '000000000000000.out'), segment); // as if it had died right before
  await using service = await launch(box);
  await eventually(() => readdir(join(root, two))).not.toContain('000000000000000.out');
  for (const id of ['one', 'two', 'three']) {
    const { text } = parseCast((await service.call('GET', `/sessions/${id}/recording`)).body);
    expect(text).toContain(`${id} ***`);
  }
  expect(await foundIn(root, ['ghp_'])).toEqual([]);
});

test('a recording whose writer was killed in another container ends when its session is gone', async () => {
  await using box = await sandbox();
  const root = join(box.dir, 'data/recordings');
  {
    await using service = await launch(box);
    await service.put('one', { command: ['sh', '-c', 'echo the last; exec cat'] });
    await eventually(() => service.screen('one')).toContain('the last');
    await service.kill('SIGKILL');
  }
  await box.tmux('kill-server');
  const [name = ''] = await readdir(root);
  const inFolder = (file: string) => join(root, name, file);
  await eventually(() => readdir(join(root, name))).toContain('end');
  await rm(inFolder('end'));
  await writeFile(inFolder('writer'), '1 pid:[1]\n'); // a number that is somebody else's here
  const longAgo = Date.now() / 1_000 - 60;
  for (const file of await readdir(join(root, name))) await utimes(inFolder(file), longAgo, longAgo);
  await using service = await launch(box);
  await eventually(() => readdir(join(root, name))).toEqual(['end', 'meta.json', 'recording.cast.gz']);
  expect(String((await service.call('GET', '/sessions/one/recording')).body)).toContain('the last');
  expect((await stat(inFolder('end'))).mtimeMs).toBeCloseTo(longAgo * 1_000, -4);
});

test('what is too old or too much goes, oldest first, never what runs', async () => {
  await using box = await sandbox();
  let now = Date.now();
  const recordings = await openRecordings({
    dataDir: box.dir,
    limits: () => ({ maxBytes: 1_000, maxTotalBytes: 2_500, maxAgeMs: 60_000 }),
    env: box.variables,
    log: createLogger('test', 'silent'),
    clock: () => now,
  });
  const names: string[] = [];
  for (const sessionId of ['a', 'b', 'c', 'd']) {
    const begun = await recordings.begin({ sessionId, owner: null, cols: 80, rows: 24, env: {} });
    names.push(begun?.name ?? '');
    await writeFile(join(recordings.folder(begun?.name ?? ''), '000000000000000.out'), Buffer.alloc(700));
    now += 10;
  }
  const left = async () => (await recordings.list()).map(({ sessionId }) => sessionId);
  await recordings.prune(new Set(names.slice(0, 1)));
  expect(await left()).toEqual(['a', 'c', 'd']);
  now += 120_000;
  await recordings.prune(new Set(names.slice(0, 1)));
  expect(await left()).toEqual(['a']);
});
