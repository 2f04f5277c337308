import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hashToken, sessionFiles } from './session-files.ts';

function files(sessionId = 'claude-ACME-1') {
  const root = mkdtempSync(join(tmpdir(), 'pco-files-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return { root, ...sessionFiles(root, sessionId) };
}

const META = {
  ticketId: 'ACME-1',
  sessionId: 'claude-ACME-1',
  effectId: 'ACME-1-v3-1',
  repo: '/repo',
  worktree: '/worktree',
  branch: 'pco/ACME-1',
  base: 'abc',
  createdAt: 1,
  agent: 'command' as const,
  mode: 'headless' as const,
};

test('a session id that is none has no files', () => {
  for (const id of ['../x', 'a/b', '', '.', 'a b', 'x'.repeat(65)]) expect(() => sessionFiles('/tmp', id)).toThrow();
});

test('a token is made once, kept, hard to guess and private', async () => {
  const f = files();
  const token = await f.token();
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(await f.token()).toBe(token);
  expect(await sessionFiles(f.root, 'claude-ACME-1').token()).toBe(token);
  expect(await sessionFiles(f.root, 'claude-ACME-1-2').token()).not.toBe(token);
  expect(statSync(join(f.dir, 'token')).mode & 0o777).toBe(0o600);
  expect(statSync(f.dir).mode & 0o777).toBe(0o700);
  expect(hashToken(token)).toMatch(/^[0-9a-f]{64}$/);
});

test('what is noted of a session reads back; what somebody else wrote is no evidence', async () => {
  const f = files();
  expect(await f.readMeta()).toBeNull();
  await f.writeMeta(META);
  expect(await f.readMeta()).toEqual(META);
  for (const text of ['', '{', 'null', '[]', '{"ticketId":"../x"}']) {
    writeFileSync(join(f.dir, 'meta.json'), text);
    expect(await f.readMeta(), text).toBeNull();
  }
});

test('a file appears whole, under any number of writers, and leaves no rest', async () => {
  const f = files();
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(100_000));
  const whole = new Set(texts);
  await f.write('prompt.md', texts[0] ?? '');
  await Promise.all(
    texts.map(async (text) => {
      await f.write('prompt.md', text);
      expect(whole.has(readFileSync(join(f.dir, 'prompt.md'), 'utf8'))).toBe(true);
    }),
  );
  expect(readdirSync(f.dir)).toEqual(['prompt.md']);
});

test('a file may stand in a folder of its own', async () => {
  const f = files();
  const path = await f.write('plugin/skills/complete/SKILL.md', 'x');
  expect(readFileSync(path, 'utf8')).toBe('x');
});

test('an exit code is a number or not known', async () => {
  const f = files();
  expect(await f.exitCode()).toBeNull();
  for (const [text, code] of [
    ['0\n', 0],
    ['137', 137],
    ['', null],
    ['-1', null],
    ['x', null],
    ['1 2', null],
  ] as const) {
    await f.write('exit', text);
    expect(await f.exitCode(), text).toBe(code);
  }
});

test('what the launcher and the hooks leave is seen', async () => {
  const f = files();
  expect([f.hasStarted(), f.hasAccepted()]).toEqual([false, false]);
  await f.write('started/x', '');
  await f.write('accepted', '');
  expect([f.hasStarted(), f.hasAccepted()]).toEqual([true, true]);
});
