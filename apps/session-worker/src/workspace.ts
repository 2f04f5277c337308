import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@pco/shared/errors';
import { SECOND_MS } from '@pco/shared/time';
import { git } from './git.ts';

export interface WorkspaceRequest {
  readonly repo: string;
  readonly baseBranch: string;
  readonly branch: string;
  /** Directory of the worktree. */
  readonly path: string;
  /** Looks first whether the remote has the branch: another host may have worked on it. */
  readonly fetches?: boolean;
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
  if (!existsSync(repo)) throw missing(repo, 'does not exist');
  await git(repo, ['rev-parse', '--git-dir'], signal).catch((cause: unknown) => {
    throw missing(repo, 'is not a git repository', cause);
  });
  const base = await git(repo, ['rev-parse', 'HEAD'], signal);
  const branch = await git(repo, ['symbolic-ref', '--short', '-q', 'HEAD'], signal).catch(() => base);
  return { path: repo, branch, base };
}

async function prepare(request: WorkspaceRequest): Promise<Workspace> {
  const { repo, baseBranch, branch, path, signal } = request;
  if (!existsSync(repo)) throw missing(repo, 'does not exist');
  mkdirSync(join(path, '..'), { recursive: true });
  if (request.fetches) await fetchBranch(request);
  const [listed, read] = await Promise.allSettled([listWorktrees(repo, signal), readRefs(request)]);
  if (listed.status === 'rejected') throw listed.reason; // it says that there is no repository, which is why both fail
  if (read.status === 'rejected') throw read.reason;
  const [worktrees, refs] = [listed.value, read.value];
  await forgetBroken(repo, path, worktrees, signal);
  const base = refs.get(`refs/remotes/origin/${baseBranch}`) ?? refs.get(`refs/heads/${baseBranch}`);
  const from = base ?? (baseBranch === 'HEAD' ? headOf(repo, worktrees) : undefined) ?? baseBranch;
  const pushed = request.fetches ? refs.get(`refs/remotes/origin/${branch}`) : undefined;
  const isNew = !existsSync(path) && !refs.has(`refs/heads/${branch}`);
  if (isNew) await git(repo, ['worktree', 'add', '--no-track', '-b', branch, path, pushed ?? from], signal);
  else if (!existsSync(path)) await git(repo, ['worktree', 'add', path, branch], signal);
  // what another host has pushed since, unless there is something here that it does not have
  if (pushed && !isNew) await git(path, ['merge', '--ff-only', '--quiet', pushed], signal).catch(() => undefined);
  if (isNew && !pushed && from !== baseBranch) return { path, branch, base: from };
  return { path, branch, base: await beginOf(repo, path, from, signal) };
}

/** Where the branch left its base. */
async function beginOf(repo: string, path: string, from: string, signal?: AbortSignal): Promise<string> {
  // resolved in the repository: within the worktree, HEAD would be what earlier attempts have left there
  const base = await git(repo, ['rev-parse', from], signal).catch(() => 'HEAD');
  return git(path, ['merge-base', 'HEAD', base], signal).catch(() => git(path, ['rev-parse', 'HEAD'], signal));
}

const FETCH_MS = 30 * SECOND_MS;

/** A branch that was never pushed, or a remote that does not answer, is no reason not to begin. */
async function fetchBranch({ repo, branch, signal }: WorkspaceRequest): Promise<void> {
  const enough = AbortSignal.any([AbortSignal.timeout(FETCH_MS), ...(signal ? [signal] : [])]);
  const what = `+refs/heads/${branch}:refs/remotes/origin/${branch}`;
  await git(repo, ['fetch', '--quiet', '--no-tags', 'origin', what], enough).catch(() => undefined);
}

/** Of the branch, of its base, and of both as the remote has them: those that are there, with their commits. */
async function readRefs({ repo, branch, baseBranch, signal }: WorkspaceRequest): Promise<ReadonlyMap<string, string>> {
  const names = [branch, baseBranch].flatMap((name) => [`refs/heads/${name}`, `refs/remotes/origin/${name}`]);
  const lines = await git(repo, ['for-each-ref', '--format=%(refname) %(objectname)', ...names], signal);
  return new Map(lines.split('\n').map((line) => line.split(' ') as [string, string])); // as the format says
}

interface Worktree {
  readonly path: string;
  readonly head: string | undefined;
  readonly isInitializing: boolean;
}

async function listWorktrees(repo: string, signal?: AbortSignal): Promise<readonly Worktree[]> {
  const listed = await git(repo, ['worktree', 'list', '--porcelain'], signal).catch((cause: unknown) => {
    throw missing(repo, 'is not a git repository', cause);
  });
  return listed.split('\n\n').map((block) => ({
    path: /^worktree (.*)$/m.exec(block)?.[1] ?? '',
    head: /^HEAD ([0-9a-f]+)$/m.exec(block)?.[1],
    isInitializing: /^locked initializing$/m.test(block),
  }));
}

/** A repository without a commit shows zeros. */
const headOf = (repo: string, worktrees: readonly Worktree[]): string | undefined => {
  const head = worktrees.find(({ path }) => path === realpathSync(repo))?.head;
  return head && /[1-9a-f]/.test(head) ? head : undefined;
};

/**
 * A worktree whose creation was cut short holds nothing of anybody: git marks it as initializing until the checkout
 * is complete. Registered worktrees whose folders are gone are forgotten as well. Everything else stays.
 */
async function forgetBroken(repo: string, path: string, worktrees: readonly Worktree[], signal?: AbortSignal) {
  const real = existsSync(path) ? realpathSync(path) : path;
  const entry = worktrees.find((worktree) => worktree.path === real);
  if (entry?.isInitializing) {
    await git(repo, ['worktree', 'remove', '--force', '--force', path], signal);
    rmSync(path, { recursive: true, force: true });
  } else if (!entry && existsSync(path)) {
    throw new AppError('WORKTREE_FAILED', { why: `${path} exists but is no worktree of ${repo}; move it away` });
  } else if (worktrees.some((worktree) => !existsSync(worktree.path))) await git(repo, ['worktree', 'prune'], signal);
}

const missing = (repo: string, why: string, cause?: unknown): AppError =>
  new AppError('REPOSITORY_MISSING', { why: `${repo} ${why}` }, { cause });
