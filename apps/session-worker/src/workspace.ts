import { existsSync } from 'node:fs';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@pco/shared/errors';
import { git } from './git.ts';

export interface WorkspaceRequest {
  readonly repo: string;
  readonly baseBranch: string;
  readonly branch: string;
  /** Directory of the worktree. */
  readonly path: string;
  readonly signal?: AbortSignal;
}

export interface Workspace {
  readonly path: string;
  readonly branch: string;
  /** Commit from which this branch began. */
  readonly base: string;
}

export type PrepareWorkspace = (request: WorkspaceRequest) => Promise<Workspace>;

/**
 * A worktree of its own for a ticket, on its own branch. An existing worktree or branch is used again as it is:
 * whatever an earlier attempt left there, pushed or not, stays. One at a time per repository, because git's own
 * worktree commands get in each other's way (B-307).
 *
 * @throws AppError REPOSITORY_MISSING, WORKTREE_FAILED
 */
export function createPrepareWorkspace(): PrepareWorkspace {
  const turns = new Map<string, Promise<unknown>>();
  return (request) => {
    const before = turns.get(request.repo) ?? Promise.resolve();
    const mine = before.then(
      () => prepare(request),
      () => prepare(request),
    );
    turns.set(request.repo, mine);
    return mine;
  };
}

/**
 * The repository itself, on whatever is checked out there: nothing is switched, moved or cleaned.
 *
 * @throws AppError REPOSITORY_MISSING
 */
export async function useRepository(repo: string, signal?: AbortSignal): Promise<Workspace> {
  await checkRepository(repo, signal);
  const base = await git(repo, ['rev-parse', 'HEAD'], signal);
  const branch = await git(repo, ['symbolic-ref', '--short', '-q', 'HEAD'], signal).catch(() => base);
  return { path: repo, branch, base };
}

async function checkRepository(repo: string, signal?: AbortSignal): Promise<void> {
  if (!existsSync(repo)) throw new AppError('REPOSITORY_MISSING', { why: `${repo} does not exist` });
  await git(repo, ['rev-parse', '--git-dir'], signal).catch((cause: unknown) => {
    throw new AppError('REPOSITORY_MISSING', { why: `${repo} is not a git repository` }, { cause });
  });
}

async function prepare({ repo, baseBranch, branch, path, signal }: WorkspaceRequest): Promise<Workspace> {
  await checkRepository(repo, signal);
  await mkdir(join(path, '..'), { recursive: true });
  await forgetBroken(repo, path, signal);
  if (!existsSync(path)) await add(repo, path, branch, baseBranch, signal);
  // resolved in the repository: within the worktree, HEAD would be what earlier attempts have left there
  const from = await git(repo, ['rev-parse', await resolveBase(repo, baseBranch, signal)], signal).catch(() => 'HEAD');
  const base = await git(path, ['merge-base', 'HEAD', from], signal).catch(() =>
    git(path, ['rev-parse', 'HEAD'], signal),
  );
  return { path, branch, base };
}

/** The base as the remote has it, if there is one and it answers; else the local branch. */
async function resolveBase(repo: string, baseBranch: string, signal?: AbortSignal): Promise<string> {
  const remote = `refs/remotes/origin/${baseBranch}`;
  const hasRemote = baseBranch !== 'HEAD' && (await exists(repo, remote, signal));
  return hasRemote ? remote : baseBranch;
}

const exists = (repo: string, ref: string, signal?: AbortSignal): Promise<boolean> =>
  git(repo, ['rev-parse', '--verify', '--quiet', ref], signal).then(
    () => true,
    () => false,
  );

async function add(
  repo: string,
  path: string,
  branch: string,
  baseBranch: string,
  signal?: AbortSignal,
): Promise<void> {
  if (await exists(repo, `refs/heads/${branch}`, signal)) {
    await git(repo, ['worktree', 'add', path, branch], signal);
    return;
  }
  const start = await resolveBase(repo, baseBranch, signal);
  await git(repo, ['worktree', 'add', '--no-track', '-b', branch, path, start], signal);
}

/**
 * A worktree whose creation was cut short holds nothing of anybody: git marks it as initializing until the checkout
 * is complete. A registered worktree whose folder is gone is forgotten as well. Everything else stays.
 */
async function forgetBroken(repo: string, path: string, signal?: AbortSignal): Promise<void> {
  await git(repo, ['worktree', 'prune'], signal);
  const listed = await git(repo, ['worktree', 'list', '--porcelain'], signal);
  const real = await realpath(path).catch(() => path);
  const entry = listed.split('\n\n').find((block) => block.split('\n')[0] === `worktree ${real}`);
  if (entry?.includes('\nlocked initializing')) {
    await git(repo, ['worktree', 'remove', '--force', '--force', path], signal);
    await rm(path, { recursive: true, force: true });
  } else if (!entry && existsSync(path)) {
    throw new AppError('WORKTREE_FAILED', { why: `${path} exists but is no worktree of ${repo}; move it away` });
  }
}
