import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './lock.ts';
import { type Identity, identityOf } from './process-identity.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pco-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function withSleeper(use: (sleeper: Identity, kill: () => Promise<void>) => Promise<void>): Promise<void> {
  const child = spawn('sleep', ['30']);
  await once(child, 'spawn');
  const kill = async () => {
    if (child.kill('SIGKILL')) await once(child, 'exit');
  };
  try {
    const sleeper = identityOf(child.pid ?? 0);
    if (!sleeper) throw new Error('sleep did not start');
    await use(sleeper, kill);
  } finally {
    await kill();
  }
}

test('a second holder is refused and told who holds the folder', async () => {
  await withSleeper(async (sleeper) => {
    expect(takeLock(dir, sleeper).taken).toBe(true);
    expect(takeLock(dir)).toEqual({ taken: false, holderPid: sleeper.pid });
    expect(readdirSync(dir)).toEqual(['launcher.lock']);
  });
});

test('a holder that was killed holds nothing, and its living children are named', async () => {
  await withSleeper(async (orphan) => {
    await withSleeper(async (sleeper, kill) => {
      const first = takeLock(dir, sleeper);
      if (!first.taken) throw new Error('not taken');
      first.note([
        { name: 'api', ...orphan },
        { name: 'gone', pid: 1, started: 'never' },
      ]);
      await kill();
      const second = takeLock(dir);
      expect(second).toMatchObject({ taken: true, orphans: [{ name: 'api', pid: orphan.pid }] });
    });
  });
});

test('a reused pid is not taken for the holder', () => {
  writeFileSync(join(dir, 'launcher.lock'), JSON.stringify({ holder: { pid: process.pid, started: 'long ago' } }));
  expect(takeLock(dir).taken).toBe(true);
});

test('a torn lock file holds nothing, and a released lock leaves no file', () => {
  writeFileSync(join(dir, 'launcher.lock'), '{"hol');
  const lock = takeLock(dir);
  if (!lock.taken) throw new Error('not taken');
  lock.release();
  expect(readdirSync(dir)).toEqual([]);
});
