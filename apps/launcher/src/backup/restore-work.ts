import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git, tryGit } from './git.ts';
import type { SavedWorktree } from './manifest.ts';
import { WORK_REFS } from './save-work.ts';

/**
 * Makes worktrees again as they were, with what was not committed lying in them. What is there is left alone; what cannot
 * be made again is kept as a bundle, which is told.
 *
 * @returns a line for each that needs a person
 */
export async function restoreWork(
  worktrees: readonly SavedWorktree[],
  bundles: string,
  aside: string,
): Promise<string[]> {
  const troubles: string[] = [];
  for (const [repo, here] of Map.groupBy(worktrees, ({ repo }) => repo)) {
    const file = here[0]?.bundle;
    const why = await makeAll(repo, here, file === undefined ? undefined : join(bundles, file));
    if (why.length > 0 && file !== undefined) {
      mkdirSync(aside, { recursive: true, mode: 0o700 });
      copyFileSync(join(bundles, file), join(aside, file));
      why.push(`what was saved of ${repo} is in ${join(aside, file)}; git fetch reads it`);
    }
    troubles.push(...why);
  }
  return troubles;
}

async function makeAll(repo: string, here: readonly SavedWorktree[], bundle: string | undefined): Promise<string[]> {
  if (!existsSync(repo)) return [`${repo}: the repository is not there; clone it, then restore again with --only work`];
  if (bundle !== undefined) {
    const fetched = await tryGit(repo, ['fetch', '--quiet', bundle, `+${WORK_REFS}*:${WORK_REFS}*`]);
    if (!fetched.ok) return [`${repo}: ${fetched.output.slice(0, 300)}; fetch from its remote, then again`];
  }
  await git(repo, ['worktree', 'prune']);
  const troubles: string[] = [];
  for (const one of here) {
    const { ok, output } = await make(repo, one);
    if (!ok) troubles.push(`${one.path}: ${output.slice(0, 300)}`);
  }
  for (const ref of (await git(repo, ['for-each-ref', '--format=%(refname)', WORK_REFS])).split('\n').filter(Boolean))
    await git(repo, ['update-ref', '-d', ref]);
  return troubles;
}

async function make(
  repo: string,
  { path, branch, head, work }: SavedWorktree,
): Promise<{ ok: boolean; output: string }> {
  if (existsSync(path)) return { ok: true, output: '' };
  mkdirSync(dirname(path), { recursive: true });
  const added = await add(repo, path, branch, head);
  if (!added.ok || work === undefined) return added;
  // the files of the commit, on the branch as it was: what was not committed is not committed again
  const steps = [
    ['read-tree', '-u', '--reset', work],
    ['read-tree', head],
  ];
  for (const step of steps) {
    const done = await tryGit(path, step);
    if (done.ok) continue;
    rmSync(path, { recursive: true, force: true });
    return done;
  }
  return added;
}

/** A branch that has gone on elsewhere is not moved. */
async function add(repo: string, path: string, branch: string, head: string) {
  if (branch === '') return await tryGit(repo, ['worktree', 'add', '--detach', path, head]);
  const there = await tryGit(repo, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]);
  if (!there.ok) return await tryGit(repo, ['worktree', 'add', '-b', branch, path, head]);
  const at = there.stdout.trim();
  if (at === head) return await tryGit(repo, ['worktree', 'add', path, branch]);
  const name = `${branch}-restored`;
  const added = await tryGit(repo, ['worktree', 'add', '-B', name, path, head]);
  return added.ok ? { ...added, ok: false, output: `branch ${branch} is at ${at} here; restored as ${name}` } : added;
}
