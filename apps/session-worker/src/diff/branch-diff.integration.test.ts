import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@pco/shared/errors';
import { expect, onTestFinished, test } from 'vitest';
import { metaOf } from '../testing/host-fixture.ts';
import { readBranchDiff } from './branch-diff.ts';

const WHO = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];

/** A repository with one commit, and a worktree on a branch of its own. */
function ticketWork() {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'pco-git-')));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const [repo, worktree, branch] = [join(dir, 'repo'), join(dir, 'ACME-1'), 'pco/ACME-1'];
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync('git', [...WHO, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const write = (name: string | Buffer, content: string | Buffer = 'a line\n') =>
    writeFileSync(Buffer.concat([Buffer.from(`${worktree}/`), Buffer.from(name)]), content);
  mkdirSync(repo);
  git(repo, 'init', '-q', '-b', 'main');
  writeFileSync(join(repo, 'README.md'), 'one\ntwo\nthree\n');
  git(repo, 'add', '.');
  git(repo, 'commit', '-q', '-m', 'first');
  const base = git(repo, 'rev-parse', 'HEAD');
  git(repo, 'worktree', 'add', '-q', '-b', branch, worktree);
  const commit = (): string => {
    git(worktree, 'add', '-A', '.');
    git(worktree, 'commit', '-q', '-m', 'work');
    return git(worktree, 'rev-parse', 'HEAD');
  };
  const read = () => readBranchDiff(metaOf({ repo, worktree, branch, base }), AbortSignal.timeout(30_000));
  return { dir, repo, worktree, branch, base, git, write, commit, read };
}

test('what is read from the repository itself is said to be, because others work there too', async () => {
  const w = ticketWork();
  const diff = await readBranchDiff(metaOf({ ...w, worktree: w.repo, branch: 'main' }), AbortSignal.timeout(30_000));
  expect(diff).toMatchObject({ branch: 'main', is_shared: true });
});

test('what is committed is told from its base on, and beside it what is not committed, new files included', async () => {
  const w = ticketWork();
  w.write('README.md', 'one\n2\nthree\n');
  const head = w.commit();
  w.write('README.md', 'one\n2\nthree\nfour\n');
  w.write('new.txt', 'new\n');
  const before = w.git(w.worktree, 'status', '--porcelain');
  const { committed, uncommitted, ...rest } = await w.read();
  expect(rest).toEqual({ session_id: 'claude-ACME-1', branch: w.branch, base: w.base, head, is_shared: false });
  const file = { old_path: null, binary: false, cut: null };
  expect(committed).toMatchObject({ files_total: 1, additions: 1, deletions: 1, cut: null });
  expect(committed.files).toEqual([
    { ...file, path: 'README.md', status: 'modified', additions: 1, deletions: 1, patch: expect.any(String) },
  ]);
  expect(committed.files[0]?.patch).toContain('@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n');
  expect(uncommitted?.files).toEqual([
    { ...file, path: 'README.md', status: 'modified', additions: 1, deletions: 0, patch: expect.any(String) },
    { ...file, path: 'new.txt', status: 'added', additions: 1, deletions: 0, patch: expect.any(String) },
  ]);
  expect(w.git(w.worktree, 'status', '--porcelain')).toBe(before);
});

test('names are bytes that say nothing: none is taken for a patch, an option or another file', async () => {
  const w = ticketWork();
  const names = [
    '-rf',
    'a b/c d\ttab "quote" \\ back',
    'line\nbreak\ndiff --git a x',
    '\u202eexe.txt',
    'żółć 🦊',
    '\u0007\u001b]0;x',
    ':(top)magic',
    '*',
  ];
  mkdirSync(join(w.worktree, 'a b'));
  for (const name of names) w.write(name, `${name}\n`);
  w.write(Buffer.from([0xff, 0xfe]), 'bytes\n');
  w.write('sly', 'x\r\ndiff --git a/README.md b/README.md\n* Unmerged path README.md\n\u2028diff --git a/-rf b/-rf\n');
  w.commit();
  const { files, files_total } = (await w.read()).committed;
  expect(files_total).toBe(names.length + 2);
  expect(files.map(({ path }) => path).sort()).toEqual([...names, '\ufffd\ufffd', 'sly'].sort());
  for (const { path, patch, additions } of files) {
    expect(patch, path).toMatch(/^diff --git [^\n]*\nnew file mode 100644\n/);
    expect(patch?.match(/^\+[^+]/gm)?.length, path).toBe(additions);
  }
  expect(files.find(({ path }) => path === 'sly')?.patch).toContain('+diff --git a/README.md b/README.md\n');
});

test('what is renamed, deleted, made executable, or turned from a file into a link is told as that', async () => {
  const w = ticketWork();
  for (const name of ['moved', 'gone', 'tool', 'link']) w.write(name, `${name}\n`.repeat(10));
  const base = w.commit();
  w.git(w.worktree, 'mv', 'moved', 'moved away');
  for (const name of ['gone', 'link']) rmSync(join(w.worktree, name));
  symlinkSync('README.md', join(w.worktree, 'link'));
  chmodSync(join(w.worktree, 'tool'), 0o755);
  w.write('empty', '');
  w.commit();
  const { committed } = await readBranchDiff(metaOf({ ...w, base }), AbortSignal.timeout(30_000));
  const short = committed.files.map(({ path, old_path, status, patch }) => [path, old_path, status, patch !== null]);
  expect(short).toEqual([
    ['empty', null, 'added', true],
    ['gone', null, 'deleted', true],
    ['link', null, 'type_changed', true],
    ['moved away', 'moved', 'renamed', true],
    ['tool', null, 'modified', true],
  ]);
  expect(committed.files[2]?.patch?.match(/^diff --git /gm)).toHaveLength(2);
  expect(committed.files[4]?.patch).toContain('old mode 100644\nnew mode 100755\n');
});

test('a binary and a file of 10 MB are named and not compared; a long patch and a long diff are cut, and say so', async () => {
  const w = ticketWork();
  w.write('picture', Buffer.from([0, 1, 2, 3]));
  w.write(
    'huge.txt',
    'x'
      .repeat(99)
      .concat('\n')
      .repeat(10 * 10_486),
  );
  w.write('long.txt', 'y'.repeat(99).concat('\n').repeat(2_000));
  for (let i = 0; i < 25; i += 1) w.write(`part-${i}.txt`, 'z'.repeat(99).concat('\n').repeat(500));
  w.commit();
  const { files, files_total, additions } = (await w.read()).committed;
  const of = (name: string) => files.find(({ path }) => path === name);
  expect(of('picture')).toMatchObject({
    binary: true,
    additions: null,
    patch: null,
    cut: expect.stringMatching(/4 MB/),
  });
  expect(of('huge.txt')).toMatchObject({
    binary: true,
    additions: null,
    patch: null,
    cut: expect.stringMatching(/4 MB/),
  });
  expect(of('long.txt')).toMatchObject({ additions: 2_000, cut: 'only its first 60,000 characters' });
  expect(of('long.txt')?.patch).toMatch(/\n\+y{99}\n$/);
  expect(files_total).toBe(28);
  expect(additions).toBe(2_000 + 25 * 500);
  expect(files.reduce((sum, { patch }) => sum + (patch?.length ?? 0), 0)).toBeLessThanOrEqual(1_000_000);
  expect(files.filter(({ cut }) => cut?.startsWith('left out')).length).toBeGreaterThan(3);
  expect(files.filter(({ additions }) => additions === 500)).toHaveLength(25);
});

test('more output than anybody reads is not waited for: git is ended, and every file is named all the same', async () => {
  const w = ticketWork();
  for (let i = 0; i < 4; i += 1)
    w.write(
      `${i}.txt`,
      `${i}`
        .repeat(99)
        .concat('\n')
        .repeat(3 * 10_486),
    );
  w.commit();
  const { files, additions } = (await w.read()).committed;
  expect(files.map(({ path }) => path)).toEqual(['0.txt', '1.txt', '2.txt', '3.txt']);
  expect(additions).toBe(4 * 3 * 10_486);
  expect(files.at(-1)).toMatchObject({ patch: null, cut: expect.stringContaining('left out') });
});

test('no program of the configuration runs but clean filters, and no setting changes how the diff looks', async () => {
  const w = ticketWork();
  const trap = join(w.dir, 'trap');
  writeFileSync(trap, `#!/bin/sh\ntouch ${join(w.dir, 'sprung')}\n`, { mode: 0o755 });
  const settings = {
    'diff.external': trap,
    'diff.odd.textconv': trap,
    'diff.odd.command': trap,
    'core.pager': trap,
    'core.fsmonitor': trap,
    'core.quotePath': 'true',
    'color.ui': 'always',
    'diff.noprefix': 'true',
    'diff.mnemonicPrefix': 'true',
    'diff.wordRegex': '.',
    'filter.loud.clean': 'tr a-z A-Z',
  };
  for (const [key, value] of Object.entries(settings)) w.git(w.repo, 'config', key, value);
  w.write('.gitattributes', '* diff=odd\nloud filter=loud\n');
  w.write('ü', 'one\n');
  w.write('loud', 'one\n');
  w.commit();
  w.git(w.repo, 'config', 'diff.orderFile', join(w.dir, 'not there')); // git itself refuses to commit with it
  rmSync(join(w.dir, 'sprung'), { force: true });
  w.write('ü', 'two\n');
  w.write('loud', 'two\n');
  const { committed, uncommitted } = await w.read();
  expect(committed.files.map(({ path }) => path)).toEqual(['.gitattributes', 'loud', 'ü']);
  expect(uncommitted?.files[0]?.patch, 'as it would be committed').toContain('-ONE\n+TWO\n');
  expect(uncommitted?.files[1]?.patch).toContain('diff --git a/ü b/ü\n');
  expect(uncommitted?.files[1]?.patch).toContain('-one\n+two\n');
  expect(() => readFileSync(join(w.dir, 'sprung'))).toThrow();
});

test('what was changed right after a commit, to the same length, is seen also much later', async () => {
  const w = ticketWork();
  w.git(w.repo, 'config', 'core.trustctime', 'false'); // which cannot be set back
  const then = Date.now() / 1_000 - 100;
  w.write('work', 'one\n');
  utimesSync(join(w.worktree, 'work'), then, then);
  w.commit();
  w.write('work', 'two\n');
  for (const file of [join(w.worktree, 'work'), join(w.repo, '.git/worktrees/ACME-1/index')])
    utimesSync(file, then, then);
  expect((await w.read()).uncommitted).toMatchObject({ files: [{ path: 'work', additions: 1, deletions: 1 }] });
});

test('the index of the agent is not written to, whatever git would like to remember', async () => {
  const w = ticketWork();
  w.write('work', 'done\n');
  w.commit();
  const index = join(w.repo, '.git/worktrees/ACME-1/index');
  const before = readFileSync(index);
  const later = Date.now() / 1_000 + 10;
  utimesSync(join(w.worktree, 'work'), later, later); // the same, but git has to look
  const lock = `${index}.lock`;
  writeFileSync(lock, ''); // the agent is at work on it
  expect((await w.read()).uncommitted).toMatchObject({ files: [] });
  rmSync(lock);
  await w.read();
  expect(readFileSync(index).equals(before)).toBe(true);
});

test('a worktree that git cannot read is a failure with its words, and not a branch that is gone', async () => {
  const w = ticketWork();
  writeFileSync(join(w.worktree, '.git'), 'gitdir: /nowhere\n');
  await expect(w.read()).rejects.toMatchObject({ code: 'DIFF_FAILED', message: expect.stringContaining('/nowhere') });
});

test('without its worktree the branch is read from the repository, merged or not; gone, it is said to be', async () => {
  const w = ticketWork();
  w.write('new.txt');
  const head = w.commit();
  w.git(w.repo, 'merge', '-q', '--no-ff', '-m', 'merged', w.branch);
  w.git(w.repo, 'worktree', 'remove', w.worktree);
  expect(await w.read()).toMatchObject({
    branch: w.branch,
    head,
    committed: { files: [{ path: 'new.txt', status: 'added' }] },
    uncommitted: null,
  });
  w.git(w.repo, 'branch', '-q', '-D', w.branch);
  await expect(w.read()).rejects.toThrow(AppError);
  await expect(w.read()).rejects.toMatchObject({ code: 'BRANCH_NOT_FOUND' });
  rmSync(w.repo, { recursive: true });
  await expect(w.read()).rejects.toMatchObject({ code: 'BRANCH_NOT_FOUND' });
});

test('a merge that left conflicts shows each file once, with what stands there to be resolved', async () => {
  const w = ticketWork();
  w.write('README.md', 'ours\n');
  w.commit();
  writeFileSync(join(w.repo, 'README.md'), 'theirs\n');
  w.git(w.repo, 'commit', '-q', '-a', '-m', 'theirs');
  expect(() => w.git(w.worktree, 'merge', '-q', 'main')).toThrow();
  const files = async () => (await w.read()).uncommitted?.files;
  const conflict = { path: 'README.md', patch: expect.stringContaining('+<<<<<<< HEAD') };
  expect(await files()).toMatchObject([conflict]);
  w.write('new.txt');
  expect(await files()).toMatchObject([conflict, { path: 'new.txt' }]);
  expect(w.git(w.worktree, 'status', '--porcelain')).toBe('UU README.md\n?? new.txt');
});

test('thousands of new files that git does not know are left out, and that is said', async () => {
  const w = ticketWork();
  mkdirSync(join(w.worktree, 'built'));
  for (let i = 0; i < 600; i += 1) w.write(`built/${i}`, '');
  w.write('README.md', 'changed\n');
  const { uncommitted } = await w.read();
  expect(uncommitted).toMatchObject({
    files: [{ path: 'README.md' }],
    cut: 'without more than 500 files that are not in git',
  });
});

test('a secret that was written into a file is not shown, encoded or taken out again', async () => {
  const w = ticketWork();
  const secret = `ANTHROPIC_API_KEY=sk-ant-api03-${'a1B2'.repeat(12)}`;
  const encoded = (
    Buffer.from(secret)
      .toString('base64')
      .match(/.{1,60}/g) ?? []
  ).join('\n');
  w.write('.env', `${secret}\n`);
  w.write('encoded', `${encoded}\n`);
  const base = w.commit();
  for (const name of ['.env', 'encoded']) w.write(name, 'gone\n');
  w.commit();
  for (const given of [w, { ...w, base }]) {
    const { files } = (await readBranchDiff(metaOf(given), AbortSignal.timeout(30_000))).committed;
    for (const { path, patch } of files) expect(patch, path).toMatch(given === w ? /\+gone/ : /^-.*\[redacted\]/m);
    expect(JSON.stringify(files)).not.toMatch(/a1B2a1B2|YTFCMm/);
  }
});

test('a secret that is there is not shown either', async () => {
  const w = ticketWork();
  const secret = `ANTHROPIC_API_KEY=sk-ant-api03-${'a1B2'.repeat(12)}`;
  const encoded = (
    Buffer.from(secret)
      .toString('base64')
      .match(/.{1,60}/g) ?? []
  ).join('\n');
  w.write('.env', `${secret}\n`);
  w.write('encoded', `first\n${encoded}\nlast\n`);
  w.commit();
  const { files } = (await w.read()).committed;
  for (const { path, patch } of files) expect(patch, path).toContain('[redacted]');
  expect(JSON.stringify(files)).not.toMatch(/a1B2a1B2|YTFCMm/);
});
