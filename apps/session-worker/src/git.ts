import { execFile } from 'node:child_process';
import { AppError } from '@pco/shared/errors';
import { gitEnvironment } from '@pco/shared/run-program';

const TIMEOUT_MS = 120_000; // a checkout of a large repository on a slow disk
const OUTPUT_MAX = 4 * 1024 * 1024;

/**
 * Runs git with an argument vector, never through a shell.
 *
 * @throws AppError WORKTREE_FAILED with git's own words
 */
export function git(cwd: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      timeout: TIMEOUT_MS,
      maxBuffer: OUTPUT_MAX,
      env: gitEnvironment(),
      ...(signal ? { signal } : {}),
    };
    execFile('git', args, options, (err, stdout, stderr) => {
      if (!err) return resolve(stdout.trim());
      const why = `git ${args[0]} ${args[1] ?? ''}: ${stderr.trim().slice(0, 1_000) || err.message}`;
      reject(new AppError('WORKTREE_FAILED', { why }, { cause: err }));
    });
  });
}
