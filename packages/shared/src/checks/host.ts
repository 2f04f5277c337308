import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/index.ts';
import { messageOf } from '../errors.ts';
import { gitEnvironment, run } from '../run-program.ts';
import { SECOND_MS } from '../time.ts';
import { checkTrust, type Env } from './claude.ts';
import { bad, type Finding, ok, warn } from './finding.ts';

const GIB = 1024 ** 3;
/** Two look-ups in local files; a network drive that is away takes for ever. */
const GIT_TIMEOUT_MS = 10 * SECOND_MS;

export function checkDataDir({ data_dir: dir }: Config): Finding {
  try {
    let place = dir;
    while (!existsSync(place)) place = dirname(place); // npm start makes it
    accessSync(place, constants.W_OK);
    const { bavail, bsize } = statfsSync(place);
    const free = `${((bavail * bsize) / GIB).toFixed(1)} GiB free`;
    if (bavail * bsize < GIB)
      return warn('data folder', `${dir}, only ${free}`, 'make room: every ticket gets a worktree');
    return ok('data folder', `${dir}, ${free}`);
  } catch (err) {
    return bad('data folder', messageOf(err), 'set data_dir (PCO_DATA_DIR) to a folder that we may write');
  }
}

/** The repository of every project: is it one, and is there something to start branches from. */
export async function checkRepos(config: Config, env: Env, timeoutMs = GIT_TIMEOUT_MS): Promise<Finding[]> {
  const names = [...new Set([...config.plane.project_ids, ...Object.keys(config.projects)])];
  const places = new Map<string, Place>();
  for (const name of names) {
    const own = config.projects[name];
    const path = own?.repo_path ?? config.automation.repo_path;
    const base = own?.base_branch ?? config.automation.base_branch;
    const usesClaude = (own?.agent_command ?? config.automation.agent_command) === undefined;
    const place = places.get(`${path}\n${base}`) ?? { path, base, usesClaude, names: [] };
    place.names.push(name);
    places.set(`${path}\n${base}`, place);
  }
  const findings = await Promise.all([...places.values()].map((place) => checkRepo(place, env, timeoutMs)));
  return findings.flat();
}

interface Place {
  readonly path: string | undefined;
  readonly base: string;
  readonly usesClaude: boolean;
  readonly names: string[];
}

async function checkRepo(place: Place, env: Env, timeoutMs: number): Promise<Finding[]> {
  const { path, base, usesClaude, names } = place;
  const what = 'repository';
  if (path === undefined)
    return [bad(what, `none for ${names.join(', ')}`, 'set automation.repo_path, or repo_path of the project')];
  if (!existsSync(path)) return [bad(what, `${path} is not there`, 'clone it there, or correct repo_path')];
  const ask = (...args: string[]) => run('git', ['-C', path, ...args], { env: gitEnvironment(env), timeoutMs });
  const git = await ask('rev-parse', '--git-dir');
  if (git.isLate) return [hangs(path)];
  if (!git.ok)
    return [bad(what, `${path}: ${git.output.split('\n')[0]}`, 'correct repo_path, or make it a git repository')];
  const commit = await ask('rev-parse', '--verify', '--quiet', '--end-of-options', `${base}^{commit}`);
  if (commit.isLate) return [hangs(path)];
  if (!commit.ok) return [bad(what, `${path} has no branch ${base}`, 'correct base_branch, or make a first commit')];
  const trust = usesClaude ? checkTrust(path, env) : undefined;
  return [ok(what, `${path}, branches start from ${base} (${commit.stdout.slice(0, 8)})`), ...(trust ? [trust] : [])];
}

const hangs = (path: string): Finding =>
  bad(
    'repository',
    `${path}: git does not answer`,
    'look whether its disk answers, and what `git -C … status` waits for',
  );
