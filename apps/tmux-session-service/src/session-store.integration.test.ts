import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '@pco/shared/log';
import { expect, test } from 'vitest';
import type { SessionRecord } from './session-record.ts';
import { openSessionStore } from './session-store.ts';
import { sandbox } from './testing/fixture.ts';

const log = createLogger('test', 'silent');
const AT = '2026-01-01T00:00:00.000Z';
const record = (sessionId: string): SessionRecord => ({
  sessionId,
  projectId: null,
  command: ['sh'],
  cwd: '/',
  effect: null,
  owner: null,
  recording: null,
  source: 'web',
  createdAt: AT,
  updatedAt: AT,
  active: true,
  state: 'running',
});

test('what is saved is there after a reopening, whatever the id', async () => {
  await using box = await sandbox();
  {
    await using store = await openSessionStore(box.dir, log);
    await Promise.all(['a', '__proto__', 'constructor'].map((id) => store.save(record(id))));
    store.saveSoon(record('late'));
    expect(await store.remove('a')).toBe(true);
    expect(await store.remove('a')).toBe(false);
  }
  await using store = await openSessionStore(box.dir, log);
  expect(store.all()).toEqual(['__proto__', 'constructor', 'late'].map(record));
});

test('a file that cannot be read is moved aside', async () => {
  await using box = await sandbox();
  await writeFile(join(box.dir, 'sessions.json'), '{"a": {');
  await using store = await openSessionStore(box.dir, log);
  expect(store.all()).toEqual([]);
  const aside = (await readdir(box.dir)).find((name) => name.startsWith('sessions.json.bad-'));
  expect(await readFile(join(box.dir, aside ?? ''), 'utf8')).toBe('{"a": {');
});

test('one damaged record does not cost the others', async () => {
  await using box = await sandbox();
  const old = { sessionId: 'old', projectId: 'p', command: 'htop', createdAt: AT, updatedAt: AT };
  const tree = { good: record('good'), bad: { sessionId: 'bad' }, swapped: record('other'), old };
  await writeFile(join(box.dir, 'sessions.json'), JSON.stringify(tree));
  await using store = await openSessionStore(box.dir, log);
  expect(store.all().map(({ sessionId }) => sessionId)).toEqual(['good', 'old']);
  expect(store.get('old')).toMatchObject({ command: ['htop'], source: 'discovered' });
});

test('a write that fails is told to whoever waits for it, and the next one works', async () => {
  await using box = await sandbox();
  await using store = await openSessionStore(box.dir, log);
  await mkdir(join(box.dir, 'sessions.json.tmp'));
  await expect(store.save(record('a'))).rejects.toThrow('EISDIR');
  await rmdir(join(box.dir, 'sessions.json.tmp'));
  await store.save(record('b'));
  expect(Object.keys(JSON.parse(await readFile(join(box.dir, 'sessions.json'), 'utf8')))).toEqual(['a', 'b']);
});
