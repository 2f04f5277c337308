import { existsSync, statSync } from 'node:fs';
import { copyFile, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BranchDiff, Changes } from '@pco/shared/contracts/http';
import { AppError, isCode } from '@pco/shared/errors';
import { SECOND_MS } from '@pco/shared/time';
import type { SessionMeta } from '../session-files.ts';
import { readChanges, UNREAD } from './read-changes.ts';
import { type GitOutput, type GitRun, plainGit, TookTooLong } from './run-git-diff.ts';

/** More new files than these were hardly written by hand. */
const NEW_FILES_MAX = 500;
const NEW_NAMES_BYTES = 256 * 1024;
const WORD_BYTES = 4 * 1024;
/** All looks of one diff together; whoever asks waits a little longer. */
const PATIENCE_MS = 25 * SECOND_MS;

type Session = Pick<SessionMeta, 'sessionId' | 'repo' | 'worktree' | 'branch' | 'base'>;
type Asked = Pick<GitRun, 'signal' | 'deadline'>;

/**
 * What the branch of a session has beyond its base, and what its worktree has beyond that. Without the worktree the
 * branch is looked for in the repository, and as the remote has it.
 *
 * @throws AppError BRANCH_NOT_FOUND, DIFF_FAILED
 */
export async function readBranchDiff(session: Session, signal: AbortSignal): Promise<BranchDiff> {
  const { sessionId, base } = session;
  const asked = { signal, deadline: performance.now() + PATIENCE_MS };
  const { cwd, branch, head, hasWorktree } = (await inWorktree(session, asked)) ?? (await inRepository(session, asked));
  const committed = await readChanges({ ...asked, cwd, args: [base, head] });
  const uncommitted = hasWorktree ? await readUncommitted(cwd, asked).catch(unreadInTime) : null;
  const is_shared = hasWorktree && session.worktree === session.repo;
  return { session_id: sessionId, branch, base, head, is_shared, committed, uncommitted };
}

const unreadInTime = (err: unknown): Changes => {
  if (err instanceof TookTooLong) return UNREAD;
  throw err;
};

interface Found {
  readonly cwd: string;
  readonly branch: string | null;
  readonly head: string;
  readonly hasWorktree: boolean;
}

async function inWorktree({ worktree }: Session, asked: Asked): Promise<Found | undefined> {
  if (!existsSync(join(worktree, '.git'))) return undefined;
  const head = await commitOf(worktree, 'HEAD', asked);
  if (head === undefined) return undefined;
  // an agent may have gone to another branch, or to none
  const branch = await wordOf(worktree, ['symbolic-ref', '--short', '-q', 'HEAD'], asked);
  return { cwd: worktree, branch: branch ?? null, head, hasWorktree: true };
}

async function inRepository({ repo, branch }: Session, asked: Asked): Promise<Found> {
  for (const name of existsSync(repo) ? [`refs/heads/${branch}`, `refs/remotes/origin/${branch}`] : []) {
    const head = await commitOf(repo, name, asked);
    if (head !== undefined) return { cwd: repo, branch, head, hasWorktree: false };
  }
  throw new AppError('BRANCH_NOT_FOUND', { why: `neither its worktree nor ${branch} is in ${repo} any more` });
}

const commitOf = (cwd: string, name: string, asked: Asked): Promise<string | undefined> =>
  wordOf(cwd, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], asked);

/** What git answers in one word; undefined where it quietly says that there is no such thing. */
async function wordOf(cwd: string, args: readonly string[], asked: Asked): Promise<string | undefined> {
  try {
    const { bytes } = await plainGit({ ...asked, cwd, args, maxBytes: WORD_BYTES });
    return bytes.toString().trim();
  } catch (err) {
    if (isCode(err, 'DIFF_FAILED') && err.details.exit === 1) return undefined;
    throw err;
  }
}

/**
 * Against HEAD, with files that git does not know yet. All looks are at a copy of the index: git writes what it learned
 * back into the one it looks at, and the agent, who works in the same worktree, would find its own locked.
 */
async function readUncommitted(cwd: string, asked: Asked): Promise<Changes> {
  const dir = await mkdtemp(join(tmpdir(), 'pco-diff-'));
  try {
    const index = join(dir, 'index');
    const own = resolve(cwd, (await wordOf(cwd, ['rev-parse', '--git-path', 'index'], asked)) ?? '');
    await copyIndex(own, index);
    const copied = { ...asked, cwd, env: { GIT_INDEX_FILE: index } };
    const left = await takeNewFiles(copied);
    const changes = await readChanges({ ...copied, args: ['HEAD'] });
    return left === null ? changes : without(changes, left);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * With the time of the original, in the whole seconds that git goes by: a file that was changed in the second in which the
 * index was written may look as it did, and git compares its content only because the index is no younger.
 */
async function copyIndex(own: string, copy: string): Promise<void> {
  const stat = statSync(own, { throwIfNoEntry: false });
  if (!stat?.isFile()) return;
  await copyFile(own, copy);
  const writtenAt = Math.floor(stat.mtimeMs / SECOND_MS);
  await utimes(copy, writtenAt, writtenAt);
}

/** Tells the copied index of files that git does not know; what is left out, if it cannot. */
async function takeNewFiles(copied: Omit<GitRun, 'args' | 'maxBytes'>): Promise<string | null> {
  const fresh = await newFiles(copied);
  if (fresh === 0) return null;
  if (fresh > NEW_FILES_MAX) return `more than ${NEW_FILES_MAX} files that are not in git`;
  try {
    await plainGit({ ...copied, args: ['add', '--intent-to-add', '--', '.'], maxBytes: NEW_NAMES_BYTES });
    return null;
  } catch (err) {
    if (!isCode(err, 'DIFF_FAILED')) throw err;
    return 'files that are not in git: they could not be read'; // of another user, or just gone
  }
}

const without = (changes: Changes, what: string): Changes => ({
  ...changes,
  cut: [changes.cut, `without ${what}`].filter((text) => text !== null).join('; '),
});

async function newFiles(copied: Omit<GitRun, 'args' | 'maxBytes'>): Promise<number> {
  const args = ['ls-files', '--others', '--exclude-standard', '-z'];
  const { bytes, isCut } = await plainGit({ ...copied, args, maxBytes: NEW_NAMES_BYTES }).catch(
    (err: unknown): GitOutput => {
      if (!(err instanceof TookTooLong)) throw err;
      return { bytes: Buffer.alloc(0), isCut: true };
    },
  );
  return isCut ? Number.POSITIVE_INFINITY : bytes.filter((byte) => byte === 0).length;
}
