import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dump } from '@pco/shared/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { approve, ask, updatePlane } from './support/people.ts';
import { SERVICES, type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

// A backup of an installation at work, the loss of everything but the repository, and the restored installation at work.

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }); // the fixtures of integration tests have set a shorter one
const ROOT = resolve(import.meta.dirname, '..');
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ gated: true, config: { logging: { file: 'logs/pco.log' } } });
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

const backups = () => join(stack.dir, 'backups');
const archives = () => readdirSync(backups()).filter((name) => name.endsWith('.tar.gz'));
const script = (name: string, ...args: string[]) => {
  const { PATH, HOME, PCO_CONFIG } = stack.env;
  const env = { PATH, HOME, PCO_CONFIG };
  const ran = spawnSync(join(ROOT, 'scripts', name), args, { env, cwd: stack.dir, encoding: 'utf8' });
  return { code: ran.status, said: `${ran.stdout}${ran.stderr}` };
};
const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: join(stack.dir, 'repo'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const worktree = (id: string) => join(stack.dir, 'data/worktrees', id);

async function newTicket(name: string): Promise<string> {
  const { key } = stack.emulator.createItem({ project: 'ACME', name, state: 'Todo' });
  await stack.poll();
  await stack.waitForStatus(key, 'pending');
  return key;
}
async function active(name: string): Promise<string> {
  const id = await newTicket(name);
  await approve(stack, id);
  await stack.waitForStatus(id, 'active');
  await until('its agent runs', () => stack.starts(id).length === 1);
  return id;
}
async function completed(name: string): Promise<string> {
  const id = await active(name);
  stack.openGate(id);
  await stack.waitForStatus(id, 'completed');
  return id;
}
const comments = (id: string) => stack.emulator.item(id).comments;

test('backup, wipe, restore: tickets, queues and events are what they were, and work goes on', async () => {
  const done = await completed('Written back before');
  await updatePlane(stack, done, 'All is well.');
  await stack.waitForStatus(done, 'done');
  const asking = await newTicket('Waits for approval');
  const summary = await completed('Waits for its summary');
  const working = await active('At work');
  const sending = await completed('On its way to Plane');
  await stack.services['plane-writer'].stop();
  await ask(stack, 'POST', `/api/update-plane/${sending}`, { summary: 'On its way.' });
  await stack.waitForStatus(sending, 'updating');
  writeFileSync(join(worktree(working), 'half.txt'), 'not committed\n');
  rmSync(join(worktree(working), 'README.md'));
  const status = execFileSync('git', ['status', '--porcelain'], { cwd: worktree(working), encoding: 'utf8' });
  await until('what is done is cleared away', async () => {
    const { ticket } = await stack.store.load(done);
    return ticket && Object.keys(ticket.open).length === 0;
  });

  const before = await dump(stack.handle);
  const saved = script('backup.sh', '--to', backups());
  expect(saved).toEqual({ code: 0, said: expect.any(String) });
  expect(saved.said).toMatch(/^saved: .*pco-backup-.*\.tar\.gz \([\d.]+ MB\)\n {2}5 tickets, \d+ keys/);
  expect(saved.said).toContain('4 worktrees, 4 with work that is on no remote');
  const [name = ''] = archives();
  const archive = join(backups(), name);
  expect(statSync(archive).mode & 0o777).toBe(0o600);
  expect(script('restore.sh', archive), 'while services run').toMatchObject({
    code: 1,
    said: expect.stringMatching(/uses .*data\n$/),
  });

  for (const service of SERVICES) if (service !== 'plane-writer') await stack.services[service].stop();
  const after = await dump(stack.handle);
  expect(script('restore.sh', archive), 'over what is there').toMatchObject({
    code: 1,
    said: expect.stringContaining('--replace removes them'),
  });
  stack.tmux('kill-server');
  await stack.handle.client.flushall();
  rmSync(join(stack.dir, 'data'), { recursive: true });
  git('worktree', 'prune');
  for (const id of [done, summary, working, sending]) git('branch', '-D', `pco/${id}`);

  const restored = script('restore.sh', archive);
  expect(restored).toEqual({ code: 0, said: expect.any(String) });
  expect(restored.said).toContain('5 tickets, all can be read');
  const now = await dump(stack.handle);
  // what neither time nor the stop of the services has changed; expired leases and heartbeats are rightly gone
  const settled = Object.keys(before).filter(
    (key) => isSame(before[key], after[key]) && !key.endsWith(':installation'),
  );
  for (const part of [
    'ticket:',
    'log:',
    'events',

    'effects',
    'status:',
    'by-work-item',
    'slots:all',
    ':seen',
  ])
    expect(
      settled.some((key) => key.includes(part)),
      part,
    ).toBe(true);
  expect(settled.filter((key) => /^\{e2e:[a-z-]+\}:/.test(key)).length, 'keys of queues').toBeGreaterThan(10);
  expect(pick(now, settled)).toEqual(pick(before, settled));
  expect(dueOf(now), 'effects to be looked after').toEqual(dueOf(before));
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: worktree(working), encoding: 'utf8' })).toBe(status);
  expect(readFileSync(join(worktree(working), 'half.txt'), 'utf8')).toBe('not committed\n');
  expect(readFileSync(join(worktree(summary), 'work.txt'), 'utf8')).toContain(`worked on ${summary}`);

  for (const service of SERVICES) stack.services[service].start();
  await until('every service is ready', () => stack.areReady(SERVICES));
  await updatePlane(stack, summary, 'Restored and sent.');
  await stack.waitForStatus(summary, 'done');
  await stack.waitForStatus(sending, 'done');
  for (const id of [summary, sending]) expect(comments(id)).toHaveLength(1);
  expect(comments(done)).toHaveLength(1);
  await approve(stack, asking);
  stack.openGate(asking);
  await stack.waitForStatus(asking, 'completed');
  const interrupted = await stack.waitForStatus(working, 'failed', 'waiting');
  expect(interrupted.reason).toMatchObject({ code: expect.stringMatching(/SESSION|AGENT|NO_SUMMARY/) });
  await ask(stack, 'POST', `/api/tickets/${working}/retry`, {});
  await until('a second agent runs', () => stack.starts(working).length === 2);
  expect(existsSync(join(worktree(working), 'half.txt'))).toBe(true);
});

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
/** Sweeps move the times at which they are due. */
const dueOf = (all: Record<string, unknown>): unknown[] => {
  const due = all['{e2e}:outbox'];
  return Array.isArray(due) ? due.filter((_, i) => i % 2 === 0).sort() : [];
};
const pick = (all: Record<string, unknown>, keys: readonly string[]) =>
  Object.fromEntries(keys.map((key) => [key, all[key]]));

test('no secret is in an archive unless it is asked for', () => {
  const list = (...args: string[]) => {
    rmSync(backups(), { recursive: true, force: true });
    expect(script('backup.sh', '--to', backups(), ...args)).toEqual({ code: 0, said: expect.any(String) });
    const file = join(backups(), archives()[0] ?? '');
    return execFileSync('tar', ['-xzOf', file, './config/config.yaml'], { encoding: 'utf8' });
  };
  expect(list()).not.toContain(stack.emulator.apiKey);
  expect(list('--with-secrets')).toContain(stack.emulator.apiKey);
});

test('a damaged archive changes nothing', () => {
  const file = join(backups(), archives()[0] ?? '');
  const bytes = readFileSync(file);
  writeFileSync(join(stack.dir, 'short.tar.gz'), bytes.subarray(0, bytes.length - 2_000));
  expect(script('restore.sh', join(stack.dir, 'short.tar.gz'), '--check')).toMatchObject({ code: 1 });
  expect(script('restore.sh', file, '--check')).toMatchObject({ code: 0, said: expect.stringContaining('whole') });

  const dir = join(stack.dir, 'unpacked');
  execFileSync('mkdir', ['-p', dir]);
  execFileSync('tar', ['-xzf', file, '-C', dir]);
  writeFileSync(join(dir, 'redis.jsonl'), '');
  execFileSync('tar', ['-czf', join(stack.dir, 'changed.tar.gz'), '-C', dir, '.']);
  expect(script('restore.sh', join(stack.dir, 'changed.tar.gz'), '--check')).toMatchObject({
    code: 1,
    said: expect.stringContaining('is damaged, nothing was restored: redis.jsonl'),
  });
});

test('a wrong flag is answered with what there is', () => {
  expect(script('backup.sh', '--bogus')).toMatchObject({
    code: 2,
    said: expect.stringContaining('usage: scripts/backup.sh'),
  });
  expect(script('restore.sh')).toMatchObject({ code: 2, said: expect.stringContaining('one archive is needed') });
  expect(script('restore.sh', 'x.tar.gz', '--only', 'everything')).toMatchObject({ code: 2 });
  expect(script('backup.sh', '--keep-days', 'many')).toMatchObject({ code: 1 });
});
