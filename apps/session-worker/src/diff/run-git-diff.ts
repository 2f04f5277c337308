import { spawn } from 'node:child_process';
import { AppError } from '@pco/shared/errors';
import { gitEnvironment } from '@pco/shared/run-program';
import { SECOND_MS } from '@pco/shared/time';

/** Files above it are not compared line by line, which takes memory and nobody would read. */
export const LARGE_FILE_MB = 4;
/**
 * Nothing of the repository's or the user's own configuration changes how a diff looks, and no program of it runs but
 * the clean filters of attributes, without which git cannot tell what has changed (Git LFS is one).
 */
const PLAIN = [
  ...['-c', 'core.quotePath=false', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'],
  ...['-c', 'diff.suppressBlankEmpty=false', '-c', 'diff.context=3', '-c', 'diff.interHunkContext=0'],
  ...['-c', 'diff.orderFile=/dev/null', '-c', 'diff.autoRefreshIndex=true'],
  ...['-c', `core.bigFileThreshold=${LARGE_FILE_MB}m`, '--no-pager'],
];
const DIFF = [
  ...['diff', '--no-ext-diff', '--no-textconv', '--no-color'],
  ...['--no-relative', '--submodule=short', '--src-prefix=a/', '--dst-prefix=b/', '--find-renames', '-z'],
];
const TIMEOUT_MS = 10 * SECOND_MS;

export interface GitOutput {
  readonly bytes: Buffer;
  /** There was more. */
  readonly isCut: boolean;
}

export interface GitRun {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** When whoever asked has waited long enough, by `performance.now()`. */
  readonly deadline: number;
}

/** Raw entries, numbers and patches of what `range` names, in one look, so that they agree. */
export const gitDiff = (run: GitRun): Promise<GitOutput> =>
  plainGit({ ...run, args: [...DIFF, '--raw', '--numstat', '--patch', ...run.args, '--'] });

/** Raw entries alone: for more than anybody could compare in time. */
export const gitDiffNames = (run: GitRun): Promise<GitOutput> =>
  plainGit({ ...run, args: [...DIFF, '--raw', '--no-renames', ...run.args, '--'] });

export class TookTooLong extends AppError {
  constructor() {
    super('DIFF_FAILED', { why: 'it takes too long' });
  }
}

/**
 * The first `maxBytes` that git prints; it is ended as soon as it has.
 *
 * @throws TookTooLong
 * @throws AppError DIFF_FAILED with git's own words, and its exit code
 */
export async function plainGit({ cwd, args, env = {}, maxBytes, signal, deadline }: GitRun): Promise<GitOutput> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(timeLeft(deadline))]);
  const environment = { ...gitEnvironment(), GIT_OPTIONAL_LOCKS: '0', ...env };
  const child = spawn('git', [...PLAIN, ...args], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: enough,
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  let size = 0;
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, 1_000);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (size < maxBytes) chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) child.kill('SIGKILL');
  });
  const failure = await new Promise<Error | number | null>((resolve) => {
    child.on('error', resolve).on('close', (code) => resolve(code));
  });
  const isCut = size > maxBytes;
  if (isCut || failure === 0) return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), isCut };
  if (enough.aborted && !signal.aborted) throw new TookTooLong();
  signal.throwIfAborted();
  const why = `git ${args[0]}: ${said.trim() || String(failure)}`;
  throw new AppError('DIFF_FAILED', { why, exit: failure });
}

const timeLeft = (deadline: number): number =>
  Math.min(TIMEOUT_MS, Math.max(0, Math.round(deadline - performance.now())));
