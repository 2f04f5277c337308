import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@pco/shared/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createPrepareWorkspace } from './workspace.ts';

const WHO = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];

/** A repository with one commit on main, and room for worktrees. */
function repository() {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'pco-git-')));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync('git', [...WHO, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const repo = join(dir, 'repo');
  mkdirSync(repo);
  git(repo, 'init', '-q', '-b', 'main');
  const commit = (cwd: string, name: string, text = name): string => {
    writeFileSync(join(cwd, name), text);
    git(cwd, 'add', '.');
    git(cwd, 'commit', '-q', '-m', name);
    return git(cwd, 'rev-parse', 'HEAD');
  };
  const first = commit(repo, 'README.md');
  const prepare = createPrepareWorkspace();
  const worktrees = join(dir, 'worktrees');
  const workspace = (id = 'ACME-1', baseBranch = 'main', root = worktrees) =>
    prepare({ repo, baseBranch, branch: `pco/${id}`, path: join(root, id) });
  return { dir, repo, git, commit, first, prepare, worktrees, workspace };
}

test('a ticket gets a worktree of its own on a new branch', async () => {
  const r = repository();
  const { path, branch, base } = await r.workspace();
  expect({ path, branch, base }).toEqual({ path: join(r.worktrees, 'ACME-1'), branch: 'pco/ACME-1', base: r.first });
  expect(readFileSync(join(path, 'README.md'), 'utf8')).toBe('README.md');
  expect(r.git(path, 'branch', '--show-current')).toBe('pco/ACME-1');
  expect(r.git(r.repo, 'branch', '--show-current')).toBe('main'); // the repository itself stays as it was
  expect(() => r.git(path, 'rev-parse', '@{upstream}')).toThrow(); // a plain push must not go to the base branch
});

test('a branch begins where the remote’s base is, when the repository knows of it', async () => {
  const r = repository();
  const origin = join(r.dir, 'origin');
  r.git(r.dir, 'clone', '-q', '--bare', r.repo, origin);
  r.git(r.repo, 'remote', 'add', 'origin', origin);
  const ahead = r.commit(r.repo, 'ahead');
  r.git(r.repo, 'push', '-q', 'origin', 'main');
  r.git(r.repo, 'reset', '-q', '--hard', r.first);
  expect((await r.workspace('ACME-1', 'main')).base).toBe(ahead);
  expect((await r.workspace('ACME-2', 'HEAD')).base).toBe(r.first);
});

test('what another host has pushed is gone on with, and what is only here is never lost', async () => {
  const r = repository();
  const origin = join(r.dir, 'origin');
  r.git(r.dir, 'clone', '-q', '--bare', r.repo, origin);
  r.git(r.repo, 'remote', 'add', 'origin', origin);
  const elsewhere = join(r.dir, 'elsewhere');
  r.git(r.dir, 'clone', '-q', origin, elsewhere);
  const push = (branch: string, name: string): string => {
    r.git(elsewhere, 'checkout', '-q', '-B', branch);
    const commit = r.commit(elsewhere, name);
    r.git(elsewhere, 'push', '-q', 'origin', branch);
    return commit;
  };
  const workspace = (id: string) =>
    r.prepare({ repo: r.repo, baseBranch: 'main', branch: `pco/${id}`, path: join(r.worktrees, id), fetches: true });
  const head = (id: string): string => r.git(join(r.worktrees, id), 'rev-parse', 'HEAD');

  const pushed = push('pco/ACME-1', 'pushed');
  expect((await workspace('ACME-1')).base).toBe(r.first);
  expect(head('ACME-1')).toBe(pushed);
  const further = push('pco/ACME-1', 'further');
  await workspace('ACME-1');
  expect(head('ACME-1')).toBe(further);
  const only = r.commit(join(r.worktrees, 'ACME-1'), 'only here');
  push('pco/ACME-1', 'diverged');
  await workspace('ACME-1');
  expect(head('ACME-1')).toBe(only);

  await workspace('ACME-2'); // never pushed
  expect(head('ACME-2')).toBe(r.first);
  rmSync(origin, { recursive: true });
  await workspace('ACME-3'); // a remote that does not answer
  expect(head('ACME-3')).toBe(r.first);
});

test('a base branch can be another one, and one that is not there is named', async () => {
  const r = repository();
  r.git(r.repo, 'checkout', '-q', '-b', 'release');
  const release = r.commit(r.repo, 'released');
  r.git(r.repo, 'checkout', '-q', 'main');
  expect((await r.workspace('ACME-1', 'release')).base).toBe(release);
  await expect(r.workspace('ACME-2', 'nowhere')).rejects.toMatchObject({
    code: 'WORKTREE_FAILED',
    message: expect.stringContaining('nowhere'),
  });
});

test.each(['main', 'HEAD'])(
  'a worktree that is there is used as it is, and counted from where it began: %s',
  async (base) => {
    const r = repository();
    const before = await r.workspace('ACME-1', base);
    r.commit(before.path, 'work of the first attempt');
    writeFileSync(join(before.path, 'uncommitted'), 'kept');
    const after = await r.workspace('ACME-1', base);
    expect(after).toEqual(before);
    expect(readFileSync(join(after.path, 'uncommitted'), 'utf8')).toBe('kept');
    expect(existsSync(join(after.path, 'work of the first attempt'))).toBe(true);
  },
);

test('a worktree whose folder was deleted comes back from its branch, with commits that nobody has pushed', async () => {
  const r = repository();
  const { path } = await r.workspace();
  const work = r.commit(path, 'unpushed');
  rmSync(path, { recursive: true });
  const again = await r.workspace();
  expect(r.git(again.path, 'rev-parse', 'HEAD')).toBe(work);
  expect(again.base).toBe(r.first);
});

test('a worktree whose creation was killed is made anew', async () => {
  const r = repository();
  const started = join(r.dir, 'started');
  r.commit(r.repo, '.gitattributes', 'big filter=slow\n');
  r.commit(r.repo, 'big');
  r.git(r.repo, 'config', 'filter.slow.smudge', `touch '${started}'; sleep 30`);
  const path = join(r.worktrees, 'ACME-1');
  const child = spawn('git', ['worktree', 'add', '--no-track', '-b', 'pco/ACME-1', path, 'main'], {
    cwd: r.repo,
    stdio: 'ignore',
    detached: true,
  });
  await eventually(() => existsSync(started)).toBe(true);
  const gone = once(child, 'exit');
  process.kill(-(child.pid ?? 0), 'SIGKILL'); // its own group: git and the filter
  await gone;
  expect(r.git(r.repo, 'worktree', 'list', '--porcelain')).toContain('locked initializing');
  r.git(r.repo, 'config', 'filter.slow.smudge', 'cat');
  const { branch } = await r.workspace();
  expect(branch).toBe('pco/ACME-1');
  expect(readFileSync(join(path, 'big'), 'utf8')).toBe('big');
  expect(r.git(path, 'status', '--porcelain')).toBe('');
  expect(r.git(r.repo, 'worktree', 'list', '--porcelain')).not.toContain('locked');
});

test('a worktree that was cut short before it had a folder, or after the folder was removed, is made anew', async () => {
  const r = repository();
  const { path } = await r.workspace();
  r.git(r.repo, 'worktree', 'lock', '--reason', 'initializing', path);
  rmSync(path, { recursive: true });
  const again = await r.workspace();
  expect(readFileSync(join(again.path, 'README.md'), 'utf8')).toBe('README.md');
});

test('a folder that is none of our worktrees is left alone', async () => {
  const r = repository();
  const path = join(r.worktrees, 'ACME-1');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'precious'), 'x');
  await expect(r.workspace()).rejects.toMatchObject({
    code: 'WORKTREE_FAILED',
    message: expect.stringContaining(path),
  });
  expect(readFileSync(join(path, 'precious'), 'utf8')).toBe('x');
});

test('worktrees under a symbolic link are recognised', async () => {
  const r = repository();
  mkdirSync(r.worktrees);
  const link = join(r.dir, 'link');
  symlinkSync(r.worktrees, link);
  const before = await r.workspace('ACME-1', 'main', link);
  r.commit(before.path, 'work');
  expect(await r.workspace('ACME-1', 'main', link)).toEqual(before);
  expect(existsSync(join(before.path, 'work'))).toBe(true);
});

test('tickets of one repository prepared at the same time do not disturb each other', async () => {
  const r = repository();
  const ids = ['ACME-1', 'ACME-2', 'ACME-3', 'ACME-4', 'ACME-5'];
  const all = await Promise.all(ids.map((id) => r.workspace(id)));
  expect(all.map(({ branch }) => branch)).toEqual(ids.map((id) => `pco/${id}`));
  for (const { path } of all) expect(r.git(path, 'status', '--porcelain')).toBe('');
});

test('the same ticket prepared twice at the same time is one worktree', async () => {
  const r = repository();
  const [one, two] = await Promise.all([r.workspace(), r.workspace()]);
  expect(one).toEqual(two);
});

test('one that fails does not hold up the next', async () => {
  const r = repository();
  const [bad, good] = await Promise.allSettled([r.workspace('ACME-1', 'nowhere'), r.workspace('ACME-2')]);
  expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled']);
  expect((await r.workspace('ACME-1')).branch).toBe('pco/ACME-1'); // and can be tried again
});

test('a repository that is not there, or is none, is named and not tried again', async () => {
  const r = repository();
  const request = { baseBranch: 'main', branch: 'pco/ACME-1', path: join(r.worktrees, 'ACME-1') };
  const missing = join(r.dir, 'nowhere');
  await expect(r.prepare({ ...request, repo: missing })).rejects.toMatchObject({
    code: 'REPOSITORY_MISSING',
    message: expect.stringContaining(missing),
  });
  const plain = join(r.dir, 'plain');
  mkdirSync(plain);
  await expect(r.prepare({ ...request, repo: plain })).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
});

test('a repository without a commit fails with git’s words', async () => {
  const r = repository();
  const empty = join(r.dir, 'empty');
  mkdirSync(empty);
  r.git(empty, 'init', '-q');
  const request = { repo: empty, baseBranch: 'HEAD', branch: 'pco/ACME-1', path: join(r.worktrees, 'ACME-1') };
  await expect(r.prepare(request)).rejects.toMatchObject({ code: 'WORKTREE_FAILED' });
});

test('variables of a git hook around us do not lead git astray', async () => {
  const r = repository();
  vi.stubEnv('GIT_DIR', '/nowhere');
  vi.stubEnv('GIT_INDEX_FILE', '/nowhere/index');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { path } = await r.workspace();
  vi.unstubAllEnvs();
  expect(r.git(path, 'branch', '--show-current')).toBe('pco/ACME-1');
});

test('a preparation that was taken back ends', async () => {
  const r = repository();
  const path = join(r.worktrees, 'ACME-1');
  const request = { repo: r.repo, baseBranch: 'main', branch: 'pco/ACME-1', path, signal: AbortSignal.abort() };
  await expect(r.prepare(request)).rejects.toThrow();
  expect((await r.workspace()).path).toBe(path);
});
