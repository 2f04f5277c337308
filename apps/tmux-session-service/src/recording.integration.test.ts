import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    command: ['sh', '-c', 'echo first; read go; printf "\\033]52;c;eA==\\007second\\n"; sleep 0.2'],
    cols: 90,
    rows: 20,
  });
  const cast = async () => parseCast((await service.call('GET', '/sessions/one/recording')).body);
  await eventually(async () => (await cast()).text).toBe('first\r\n');
  expect((await cast()).header).toMatchObject({ width: 90, height: 20, title: 'one' });
  await service.call('POST', '/sessions/one/input', { text: 'go\n' });
  await eventually(async () => (await cast()).text).toBe('first\r\ngo\r\nsecond\r\n');
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

test('what is too old or too much goes, oldest first, never what runs', async () => {
  await using box = await sandbox();
  let now = Date.now();
  const recordings = await openRecordings({
    dataDir: box.dir,
    maxBytes: 1_000,
    maxTotalBytes: 2_500,
    maxAgeMs: 60_000,
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
