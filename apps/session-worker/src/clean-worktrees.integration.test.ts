import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { by } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { cleanOnce } from './clean-worktrees.ts';
import { hostFixture } from './testing/host-fixture.ts';
import { createPrepareWorkspace } from './workspace.ts';

/** A finished ticket, whose worktree belongs to a repository with a remote. */
async function finished(clean_after_days: number) {
  const f = await hostFixture({}, { clean_after_days });
  const [origin, repo] = [join(f.dir, 'origin'), join(f.dir, 'repo')];
  const gitIn = (cwd: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@example.com', ...args], { cwd, stdio: 'ignore' });
  mkdirSync(origin);
  gitIn(origin, 'init', '-q', '--bare', '-b', 'main');
  gitIn(f.dir, 'clone', '-q', origin, 'repo');
  writeFileSync(join(repo, 'README'), 'x');
  gitIn(repo, 'add', '.');
  gitIn(repo, 'commit', '-q', '-m', 'first');
  gitIn(repo, 'push', '-q', 'origin', 'HEAD:main');
  const path = join(f.paths.worktrees, 'ACME-1');
  const { base } = await createPrepareWorkspace()({ repo, baseBranch: 'HEAD', branch: 'pco/ACME-1', path });
  const meta = await f.activeTicket('ACME-1');
  await f.host.files(meta.sessionId).writeMeta({ ...meta, repo, worktree: path, base });
  return {
    ...f,
    path,
    git: (...args: string[]) => gitIn(path, ...args),
    clean: () => cleanOnce(f.host, new AbortController().signal),
    async finish() {
      await f.core.change({ type: 'person.cancelled', ticketId: 'ACME-1', by });
      const effectId = await f.core.openId('session.stop', 'ACME-1');
      await f.core.change({ type: 'effect.done', ticketId: 'ACME-1', effectId, result: {} });
    },
    branches: () => execFileSync('git', ['branch', '--list', 'pco/ACME-1'], { cwd: repo, encoding: 'utf8' }).trim(),
    [Symbol.asyncDispose]: () => f[Symbol.asyncDispose](),
  };
}
const AT_ONCE = 1e-9; // days

test('the worktree of a finished ticket goes when it holds nothing, and its branch stays', async () => {
  await using t = await finished(AT_ONCE);
  await t.clean();
  expect(existsSync(t.path), 'its ticket is at work').toBe(true);
  await t.finish();
  await t.clean();
  expect(existsSync(t.path)).toBe(false);
  expect(t.branches()).toContain('pco/ACME-1');
});

test.each<[string, (t: Awaited<ReturnType<typeof finished>>) => void]>([
  ['a file that git does not know', (t) => writeFileSync(join(t.path, 'new'), 'x')],
  ['a change that is not committed', (t) => writeFileSync(join(t.path, 'README'), 'y')],
  ['a commit that is on no remote', (t) => t.git('commit', '-q', '--allow-empty', '-m', 'mine')],
])('a worktree with %s stays', async (_what, work) => {
  await using t = await finished(AT_ONCE);
  work(t);
  await t.finish();
  await t.clean();
  expect(existsSync(t.path)).toBe(true);
});

test('a commit that was pushed keeps nothing back', async () => {
  await using t = await finished(AT_ONCE);
  t.git('commit', '-q', '--allow-empty', '-m', 'mine');
  t.git('push', '-q', 'origin', 'pco/ACME-1');
  await t.finish();
  await t.clean();
  expect(existsSync(t.path)).toBe(false);
});

test.each([0, 14])('before its time, or where nothing is to be cleaned, it stays (%s days)', async (days) => {
  await using t = await finished(days);
  await t.finish();
  const foreign = join(t.paths.worktrees, 'ACME-2');
  mkdirSync(foreign);
  await t.clean();
  expect(existsSync(t.path)).toBe(true);
  expect(existsSync(foreign)).toBe(true);
});
