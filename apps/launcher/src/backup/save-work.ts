import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git, tryGit } from './git.ts';
import type { SavedWorktree } from './manifest.ts';

/** Where the commits that hold uncommitted work stand while they are bundled. */
export const WORK_REFS = 'refs/pco-backup/';

type Found = Omit<SavedWorktree, 'bundle'>;

/**
 * What the worktrees hold and no remote has: commits, and files that are not committed, but those that git ignores. One
 * bundle per repository, which needs no more than what is pushed.
 */
export async function saveWork(worktrees: string, to: string): Promise<SavedWorktree[]> {
  const found: Found[] = [];
  for (const name of existsSync(worktrees) ? readdirSync(worktrees).sort() : []) {
    const path = join(worktrees, name);
    if (existsSync(join(path, '.git'))) found.push(await look(path));
  }
  const saved: SavedWorktree[] = [];
  for (const [repo, here] of Map.groupBy(found, ({ repo }) => repo)) saved.push(...(await bundle(repo, here, to)));
  return saved;
}

async function look(path: string): Promise<Found> {
  const repo = await git(path, ['rev-parse', '--path-format=absolute', '--git-common-dir']);
  const head = await git(path, ['rev-parse', 'HEAD']);
  const named = await tryGit(path, ['symbolic-ref', '--short', '-q', 'HEAD']);
  const work = await commitWork(path, head);
  return { path, repo, head, branch: named.stdout.trim(), ...(work === head ? {} : { work }) };
}

/** All that is there, as a commit on top of the branch, which stays as it is. On a copy of the index: an agent may use its own. */
async function commitWork(path: string, head: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'pco-index-'));
  try {
    const index = join(dir, 'index');
    const own = await git(path, ['rev-parse', '--path-format=absolute', '--git-path', 'index']);
    if (existsSync(own)) copyFileSync(own, index);
    const env = { GIT_INDEX_FILE: index };
    await git(path, ['add', '--all', '.'], env);
    const tree = await git(path, ['write-tree'], env);
    if (tree === (await git(path, ['rev-parse', 'HEAD^{tree}']))) return head;
    return await git(path, ['commit-tree', tree, '-p', head, '-m', 'not committed when the backup was made']);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function bundle(repo: string, here: readonly Found[], to: string): Promise<SavedWorktree[]> {
  const refs: string[] = [];
  try {
    for (const { work, head } of here) {
      const tip = work ?? head;
      if ((await git(repo, ['rev-list', '--max-count=1', tip, '--not', '--remotes'])) === '') continue;
      refs.push(`${WORK_REFS}${tip}`);
      await git(repo, ['update-ref', `${WORK_REFS}${tip}`, tip]);
    }
    if (refs.length === 0) return [...here];
    mkdirSync(to, { recursive: true, mode: 0o700 });
    const file = `${createHash('sha256').update(repo).digest('hex').slice(0, 12)}.bundle`;
    await git(repo, ['bundle', 'create', join(to, file), ...new Set(refs), '--not', '--remotes']);
    return here.map((one) => ({ ...one, bundle: file }));
  } finally {
    for (const ref of new Set(refs)) await git(repo, ['update-ref', '-d', ref]);
  }
}
