import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '@pco/shared/config';
import { messageOf } from '@pco/shared/errors';
import { SECOND_MS } from '@pco/shared/time';
import { holderOf } from '../lock.ts';
import { isFree } from '../ports.ts';
import { run } from '../run-command.ts';
import { type Endpoint, endpointsOf, urlOf } from '../services.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { checkTrust } from './programs.ts';

const GIB = 1024 ** 3;

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
    return fail('data folder', messageOf(err), 'set data_dir (PCO_DATA_DIR) to a folder that we may write');
  }
}

/** The repository of every project: is it one, and is there something to start branches from. */
export async function checkRepos(config: Config): Promise<Finding[]> {
  const names = [...new Set([...config.plane.project_ids, ...Object.keys(config.projects)])];
  const places = new Map<string, { path: string | undefined; base: string; usesClaude: boolean; names: string[] }>();
  for (const name of names) {
    const own = config.projects[name];
    const path = own?.repo_path ?? config.automation.repo_path;
    const base = own?.base_branch ?? config.automation.base_branch;
    const usesClaude = (own?.agent_command ?? config.automation.agent_command) === undefined;
    const place = places.get(`${path}\n${base}`) ?? { path, base, usesClaude, names: [] };
    place.names.push(name);
    places.set(`${path}\n${base}`, place);
  }
  const findings = await Promise.all([...places.values()].map(checkRepo));
  return findings.flat();
}

async function checkRepo(place: {
  path: string | undefined;
  base: string;
  usesClaude: boolean;
  names: string[];
}): Promise<Finding[]> {
  const { path, base, usesClaude, names } = place;
  const what = 'repository';
  if (path === undefined)
    return [fail(what, `none for ${names.join(', ')}`, 'set automation.repo_path, or repo_path of the project')];
  if (!existsSync(path)) return [fail(what, `${path} is not there`, 'clone it there, or correct repo_path')];
  const git = await run('git', ['-C', path, 'rev-parse', '--git-dir']);
  if (!git.ok)
    return [fail(what, `${path}: ${git.output.split('\n')[0]}`, 'correct repo_path, or make it a git repository')];
  const commit = await run('git', [
    '-C',
    path,
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${base}^{commit}`,
  ]);
  if (!commit.ok) return [fail(what, `${path} has no branch ${base}`, 'correct base_branch, or make a first commit')];
  const trust = usesClaude ? checkTrust(path) : undefined;
  return [ok(what, `${path}, branches start from ${base} (${commit.stdout.slice(0, 8)})`), ...(trust ? [trust] : [])];
}

export async function checkPorts(config: Config): Promise<Finding[]> {
  const holder = holderOf(config.data_dir);
  return await Promise.all(endpointsOf(config).map((endpoint) => checkPort(endpoint, holder)));
}

async function checkPort(endpoint: Endpoint, holder: number | undefined): Promise<Finding> {
  const { service, port, host, key, variable } = endpoint;
  if (await isFree(port, host)) {
    return holder === undefined
      ? ok(service, `port ${port} is free`)
      : fail(service, `does not run, although npm start does (pid ${holder})`, 'look into its log lines');
  }
  if (holder === undefined) return fail(service, `port ${port} is in use`, `free it, or set ${key} (${variable})`);
  const health = await readiness(endpoint);
  return health === undefined
    ? ok(service, `runs on port ${port}`)
    : fail(service, `is not ready: ${health}`, 'look into its log lines');
}

async function readiness(endpoint: Endpoint): Promise<string | undefined> {
  try {
    const answer = await fetch(`${urlOf(endpoint)}/readyz`, { signal: AbortSignal.timeout(5 * SECOND_MS) });
    return answer.ok ? undefined : `${answer.status} ${(await answer.text()).slice(0, 200)}`;
  } catch (err) {
    return messageOf(err);
  }
}
