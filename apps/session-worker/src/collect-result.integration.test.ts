import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Work } from '@pco/shared/engine';
import { silentLog } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { createCollectResult } from './collect-result.ts';
import { hostFixture, metaOf } from './testing/host-fixture.ts';

/** A host with a repository that stands for the worktree of ACME-1. */
async function completed() {
  const f = await hostFixture();
  const worktree = join(f.dir, 'worktree');
  mkdirSync(worktree);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@example.com', ...args], {
      cwd: worktree,
      encoding: 'utf8',
    }).trim();
  const commit = (name: string, lines: number) => {
    writeFileSync(join(worktree, name), 'line\n'.repeat(lines));
    git('add', '.');
    git('commit', '-q', '-m', name);
    return git('rev-parse', 'HEAD');
  };
  git('init', '-q', '-b', 'main');
  const base = commit('README', 1);
  const sessionId = 'claude-ACME-1';
  await f.activeTicket('ACME-1');
  await f.host.files(sessionId).writeMeta(metaOf({ worktree, base }));
  const collect = async () => {
    const ticket = { ...(await f.core.ticket('ACME-1')), approvedAt: 1_000, completedAt: 61_000 };
    const effect = { type: 'completion.collect' as const, args: { sessionId }, since: 0 };
    const work: Work = {
      readAt: await f.core.store.load('ACME-1'),
      ticket,
      effectId: 'ACME-1-v5-1',
      effect,
      log: silentLog,
      signal: new AbortController().signal,
      isRepeat: false,
      stillOpen: async () => true,
    };
    return createCollectResult(f.host)(work);
  };
  return { ...f, worktree, git, commit, collect };
}

test('a session that did nothing has a duration and no changes', async () => {
  await using f = await completed();
  expect(await f.collect()).toEqual({
    durationMs: 60_000,
    commits: 0,
    unpushed: 0,
    uncommitted: 0,
    diff: 'no changes',
    branch: 'main',
  });
});

test('commits, what is not pushed, what is not committed and the size of the change are counted', async () => {
  await using f = await completed();
  f.commit('one', 3);
  f.git('clone', '-q', '--bare', '.', join(f.dir, 'origin'));
  f.git('remote', 'add', 'origin', join(f.dir, 'origin'));
  f.git('fetch', '-q', 'origin');
  f.commit('two', 4);
  writeFileSync(join(f.worktree, 'README'), 'changed');
  writeFileSync(join(f.worktree, 'new file'), 'x');
  expect(await f.collect()).toEqual({
    durationMs: 60_000,
    commits: 2,
    unpushed: 1,
    uncommitted: 2,
    diff: '2 files changed, 7 insertions(+)',
    branch: 'main',
  });
});

test('a worktree that is gone leaves what the ticket knows', async () => {
  await using f = await completed();
  await f.host.files('claude-ACME-1').writeMeta(metaOf({ worktree: join(f.dir, 'gone') }));
  expect(await f.collect()).toEqual({ durationMs: 60_000 });
});

test('the branch that the agent went to is told, and none when it is on none', async () => {
  await using f = await completed();
  f.git('checkout', '-q', '-b', 'elsewhere');
  expect(await f.collect()).toMatchObject({ branch: 'elsewhere' });
  f.git('checkout', '-q', '--detach');
  expect(await f.collect()).not.toHaveProperty('branch');
});
