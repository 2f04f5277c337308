import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BranchDiff, Changes } from '@pco/shared/contracts/http';
import { AppError, isCode } from '@pco/shared/errors';
import { git } from '../git.ts';
import type { SessionMeta } from '../session-files.ts';
import { readChanges } from './read-changes.ts';
import { type GitOutput, plainGit, TookTooLong } from './run-git-diff.ts';

/** More new files than these were hardly written by hand. */
const NEW_FILES_MAX = 500;
const NEW_NAMES_BYTES = 256 * 1024;

type Session = Pick<SessionMeta, 'sessionId' | 'repo' | 'worktree' | 'branch' | 'base'>;

/**
 * What the branch of a session has beyond its base, and what its worktree has beyond that. Without the worktree the
 * branch is looked for in the repository, and as the remote has it.
 *
 * @throws AppError BRANCH_NOT_FOUND
 */
export async function readBranchDiff(session: Session, signal: AbortSignal): Promise<BranchDiff> {
  const { sessionId, base } = session;
  const found = (await inWorktree(session, signal)) ?? (await inRepository(session, signal));
  const { cwd, branch, head, hasWorktree } = found;
  const committed = await readChanges({ cwd, args: [base, head], signal });
  const uncommitted = hasWorktree ? await readUncommitted(cwd, signal) : null;
  return { session_id: sessionId, branch, base, head, committed, uncommitted };
}

interface Found {
  readonly cwd: string;
  readonly branch: string | null;
  readonly head: string;
  readonly hasWorktree: boolean;
}

async function inWorktree({ worktree }: Session, signal: AbortSignal): Promise<Found | undefined> {
  if (!existsSync(join(worktree, '.git'))) return undefined;
  const head = await commitOf(worktree, 'HEAD', signal);
  if (head === undefined) return undefined;
  // an agent may have gone to another branch, or to none
  const branch = await git(worktree, ['symbolic-ref', '--short', '-q', 'HEAD'], signal).catch(() => null);
  return { cwd: worktree, branch, head, hasWorktree: true };
}

async function inRepository({ repo, branch }: Session, signal: AbortSignal): Promise<Found> {
  for (const name of existsSync(repo) ? [`refs/heads/${branch}`, `refs/remotes/origin/${branch}`] : []) {
    const head = await commitOf(repo, name, signal);
    if (head !== undefined) return { cwd: repo, branch, head, hasWorktree: false };
  }
  throw new AppError('BRANCH_NOT_FOUND', { why: `neither its worktree nor ${branch} is in ${repo} any more` });
}

const commitOf = (cwd: string, name: string, signal: AbortSignal): Promise<string | undefined> =>
  git(cwd, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], signal).catch(() => undefined);

/** Against HEAD, with files that git does not know yet: a copy of the index is told of them, the agent's stays as it is. */
async function readUncommitted(cwd: string, signal: AbortSignal): Promise<Changes> {
  const changes = (env: Readonly<Record<string, string>> = {}) => readChanges({ cwd, args: ['HEAD'], env, signal });
  const fresh = await newFiles(cwd, signal);
  if (fresh === 0) return changes();
  if (fresh > NEW_FILES_MAX) return without(await changes(), `more than ${NEW_FILES_MAX} files that are not in git`);
  const dir = await mkdtemp(join(tmpdir(), 'pco-diff-'));
  try {
    const index = join(dir, 'index');
    const own = await git(cwd, ['rev-parse', '--git-path', 'index'], signal);
    if (existsSync(resolve(cwd, own))) await copyFile(resolve(cwd, own), index);
    const env = { GIT_INDEX_FILE: index };
    await plainGit({ cwd, args: ['add', '--intent-to-add', '--', '.'], env, maxBytes: NEW_NAMES_BYTES, signal });
    return await changes(env);
  } catch (err) {
    if (!(err instanceof TookTooLong) && !isCode(err, 'WORKTREE_FAILED')) throw err;
    return without(await changes(), 'files that are not in git: they could not be read'); // of another user, or just gone
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const without = (changes: Changes, what: string): Changes => ({
  ...changes,
  cut: [changes.cut, `without ${what}`].filter((text) => text !== null).join('; '),
});

async function newFiles(cwd: string, signal: AbortSignal): Promise<number> {
  const args = ['ls-files', '--others', '--exclude-standard', '-z'];
  const { bytes, isCut } = await plainGit({ cwd, args, maxBytes: NEW_NAMES_BYTES, signal }).catch(
    (err: unknown): GitOutput => {
      if (!(err instanceof TookTooLong)) throw err;
      return { bytes: Buffer.alloc(0), isCut: true };
    },
  );
  return isCut ? Number.POSITIVE_INFINITY : bytes.filter((byte) => byte === 0).length;
}
