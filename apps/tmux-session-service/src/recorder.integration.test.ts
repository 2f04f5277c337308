import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listSegments, readSegment } from './segments.ts';
import { eventually } from './testing/fixture.ts';

const WRITER = join(import.meta.dirname, '../bin/record-output.pl');
const MEGABYTE = 1024 * 1024;

/** The writer of recordings on its own; `limit` is the largest file that it may write, in blocks of 512 bytes. */
async function writer(segmentBytes: number, totalBytes: number, limit = 'unlimited') {
  const folder = await mkdtemp(join(tmpdir(), 'pco-writer-'));
  const script = 'ulimit -f "$1" && shift && exec perl "$@"';
  const args = [WRITER, folder, String(segmentBytes), String(totalBytes)];
  const child = spawn('/bin/sh', ['-c', script, 'sh', limit, ...args], { stdio: ['pipe', 'ignore', 'inherit'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    child,
    write: (bytes: Buffer) =>
      new Promise<void>((resolve, reject) => child.stdin.write(bytes, (err) => (err ? reject(err) : resolve()))),
    async end() {
      const exited = once(child, 'exit');
      child.stdin.end();
      expect(await exited).toEqual([0, null]);
      return Number(await readFile(join(folder, 'end'), 'utf8'));
    },
  };
}

/** Every kept byte with its number. */
async function kept(folder: string): Promise<{ from: number; bytes: Buffer }[]> {
  const { starts } = await listSegments(folder);
  return Promise.all(
    starts.map(async (from) => ({
      from,
      bytes: (await readSegment(folder, starts, from, 64 * MEGABYTE)) ?? Buffer.alloc(0),
    })),
  );
}

const numbered = (bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) buffer.writeUInt32BE(at, at);
  return buffer;
};

test('what comes in is in the file at once, with its time', async () => {
  const { folder, write, end } = await writer(MEGABYTE, 8 * MEGABYTE);
  await write(Buffer.from('one'));
  await eventually(async () => (await kept(folder))[0]?.bytes.toString()).toBe('one');
  const [index = ''] = (await readdir(folder)).filter((name) => name.endsWith('.idx'));
  const [offset, ms] = (await readFile(join(folder, index), 'utf8')).trim().split(' ');
  expect(offset).toBe('0');
  expect(Math.abs(Number(ms) - Date.now())).toBeLessThan(60_000);
  expect(await end()).toBe(3);
});

test('a flood of 100 MB is taken at full speed, and of it the latest is kept', async () => {
  const { folder, write, end } = await writer(MEGABYTE, 8 * MEGABYTE);
  const all = numbered(100 * MEGABYTE);
  for (let at = 0; at < all.length; at += MEGABYTE) await write(all.subarray(at, at + MEGABYTE));
  expect(await end()).toBe(all.length);
  const segments = await kept(folder);
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes.length, 0);
  expect(bytes).toBeLessThanOrEqual(8 * MEGABYTE);
  expect(bytes).toBeGreaterThan(5 * MEGABYTE);
  let next = segments[0]?.from ?? 0;
  for (const { from, bytes: each } of segments) {
    expect(from).toBe(next);
    expect(each.equals(all.subarray(from, from + each.length))).toBe(true);
    next += each.length;
  }
  expect(next).toBe(all.length);
});

test('what cannot be written is lost as a gap: the numbers of what follows stay true', async () => {
  const { folder, write, end } = await writer(MEGABYTE, 8 * MEGABYTE, '64'); // 32 KiB: like a disk that fills up
  const all = numbered(600_000);
  await write(all.subarray(0, 300_000));
  await eventually(async () => (await listSegments(folder)).starts.length).toBe(1);
  await eventually(async () => (await kept(folder))[0]?.bytes.length).toBe(32_768);
  let at = 300_000;
  await eventually(async () => {
    await write(all.subarray(at, at + 10)); // it tries again after a second
    at += 10;
    return (await listSegments(folder)).starts.length;
  }).toBe(2);
  await write(all.subarray(at));
  expect(await end()).toBe(all.length);
  const segments = await kept(folder);
  for (const { from, bytes } of segments) expect(bytes.equals(all.subarray(from, from + bytes.length))).toBe(true);
  expect(
    await readSegment(
      folder,
      segments.map(({ from }) => from),
      40_000,
      10,
    ),
  ).toBeUndefined();
});

test('without its folder it reads on and harms nobody', async () => {
  const { folder, write, child } = await writer(MEGABYTE, 8 * MEGABYTE);
  await write(Buffer.from('one'));
  await eventually(async () => (await kept(folder)).length).toBe(1);
  await rm(folder, { recursive: true });
  for (let count = 0; count < 20; count++) await write(numbered(MEGABYTE));
  const exited = once(child, 'exit');
  child.stdin.end();
  expect(await exited).toEqual([0, null]);
});

test('signals that end whole process groups do not cost the tail', async () => {
  const { folder, write, end, child } = await writer(MEGABYTE, 8 * MEGABYTE);
  await write(Buffer.from('one'));
  await eventually(async () => (await kept(folder)).length).toBe(1);
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT'] as const) child.kill(signal);
  await write(Buffer.from('two'));
  expect(await end()).toBe(6);
});
