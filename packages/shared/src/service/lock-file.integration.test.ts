import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockDataDir } from './lock-file.ts';

const WORKER = { name: 'worker', file: 'worker.lock' };

async function sandbox() {
  const dir = await mkdtemp(join(tmpdir(), 'pco-lock-'));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
}

test('a folder has one holder at a time', async () => {
  await using box = await sandbox();
  {
    using _lock = lockDataDir(box.dir, WORKER, process.pid);
    expect(() => lockDataDir(box.dir, WORKER, process.pid)).toThrow(`pid ${process.pid}`);
  }
  lockDataDir(box.dir, WORKER, process.pid)[Symbol.dispose]();
  expect(await readdir(box.dir)).toEqual([]);
});

test('the lock of a process that is gone is taken over', async () => {
  await using box = await sandbox();
  const child = spawn('cat');
  await once(child, 'spawn');
  lockDataDir(box.dir, WORKER, child.pid ?? 0); // as if the child had taken it
  expect(() => lockDataDir(box.dir, WORKER, process.pid)).toThrow(`pid ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  using _lock = lockDataDir(box.dir, WORKER, process.pid);
  expect(await readdir(box.dir)).toEqual(['worker.lock']);
});

test('a pid that belongs to another program by now does not hold it, nor does a damaged file', async () => {
  await using box = await sandbox();
  const file = join(box.dir, 'worker.lock');
  for (const content of [JSON.stringify({ pid: process.pid, startedAt: '1' }), '', 'null', '{"pid":']) {
    await writeFile(file, content);
    using _lock = lockDataDir(box.dir, WORKER, process.pid);
    expect(await readFile(file, 'utf8')).toContain(String(process.pid));
  }
});
