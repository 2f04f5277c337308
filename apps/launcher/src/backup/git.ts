import { run } from '@pco/shared/run-program';
import { Refusal } from '../refusal.ts';

/** What an agent has put into the settings of its repository must not run here. */
const UNMOVED = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
const US = {
  GIT_AUTHOR_NAME: 'pco',
  GIT_AUTHOR_EMAIL: 'pco@localhost',
  GIT_COMMITTER_NAME: 'pco',
  GIT_COMMITTER_EMAIL: 'pco@localhost',
};

/** @throws Refusal with git's own words */
export async function git(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await tryGit(cwd, args, env);
  if (answer.ok) return answer.stdout.trim();
  throw new Refusal(`git ${args.slice(0, 2).join(' ')} in ${cwd}: ${answer.output.slice(0, 500)}`);
}

export const tryGit = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const own = { ...Object.fromEntries(kept), ...US, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...env };
  return run('git', [...UNMOVED, ...args], { cwd, env: own });
};
