import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { messageOf } from '@pco/shared/errors';
import type { PlaneProject } from '@pco/shared/plane';
import { run } from '@pco/shared/run-program';
import { Refusal } from '../refusal.ts';
import { type Ask, askUntil } from './ask.ts';
import type { InitFlags } from './init-flags.ts';
import { checkReachable, isUsable, listProjects, type PlaneLogin, projectLine, whoAmI } from './plane.ts';
import { readPlaneUrl } from './plane-url.ts';

/** Each question: answered by a flag, else by a person; tried out at once. */

export async function askLogin(flags: InitFlags, ask: Ask): Promise<PlaneLogin> {
  const address = await askUntil(ask, async () => {
    const read = readPlaneUrl(flags.planeUrl ?? (await ask.line('Address of your Plane:')));
    await checkReachable(read.apiUrl); // now, because a wrong token looks like a wrong address later
    return read;
  });
  const token = await askUntil(ask, async () => {
    const given =
      flags.tokenFile === undefined
        ? await ask.secret('API token (Plane > Profile settings > Personal access tokens; not shown):')
        : readTokenFile(flags.tokenFile);
    if (given === '') throw new Refusal('the token is empty');
    const me = await whoAmI({ apiUrl: address.apiUrl, token: given });
    ask.say(`  Plane knows you as ${me.displayName || me.email || me.id}`);
    return given;
  });
  const login = { apiUrl: address.apiUrl, token };
  return await askUntil(ask, async () => {
    const hint = address.workspace ? ` [${address.workspace}]` : ' (in https://host/THIS/projects)';
    const workspace = flags.workspace ?? ((await ask.line(`Workspace${hint}:`)) || address.workspace);
    if (!workspace) throw new Refusal('a workspace is needed');
    await listProjects({ ...login, workspace });
    return { ...login, workspace };
  });
}

export function readTokenFile(file: string): string {
  try {
    return readFileSync(resolve(file), 'utf8').trim();
  } catch (err) {
    throw new Refusal(`--token-file: ${messageOf(err)}`);
  }
}

export async function askProjects(flags: InitFlags, ask: Ask, all: readonly PlaneProject[]): Promise<PlaneProject[]> {
  const usable = all.filter(isUsable);
  if (usable.length === 0)
    throw new Refusal('the token has joined no project: add its user to a project as Member in Plane, then try again');
  if (flags.projects.length > 0) return flags.projects.map((name) => pickProject(name, usable));
  ask.say('Projects:');
  for (const [index, project] of usable.entries())
    ask.say(`  ${String(index + 1).padStart(2)}  ${projectLine(project)}`);
  return await askUntil(ask, async () => {
    const answer =
      usable.length === 1
        ? await ask.line('Which? [1]')
        : await ask.line('Which? (numbers or identifiers, with commas)');
    const names = (answer || (usable.length === 1 ? '1' : '')).split(/[\s,]+/).filter(Boolean);
    if (names.length === 0) throw new Refusal('name at least one');
    return [...new Set(names.map((name) => pickProject(name, usable)))];
  });
}

export function pickProject(name: string, usable: readonly PlaneProject[]): PlaneProject {
  const found = /^\d{1,4}$/.test(name)
    ? usable[Number(name) - 1]
    : usable.find(({ id, identifier }) => id === name.toLowerCase() || identifier === name.toUpperCase());
  if (!found) throw new Refusal(`there is no project "${name}" that the token has joined`);
  return found;
}

export async function askRepo(flags: InitFlags, ask: Ask, project: PlaneProject): Promise<string> {
  const given = repoFromFlags(flags.repos, project);
  return await askUntil(ask, async () => {
    const path = given ?? (await ask.line(`Git repository of ${project.identifier} on this machine:`));
    return await checkRepo(path);
  });
}

export function repoFromFlags(repos: readonly string[], { id, identifier }: PlaneProject): string | undefined {
  const named = repos.map((text) => /^([A-Za-z0-9-]+)=(.+)$/.exec(text) ?? ['', '', text]);
  const own = named.find(([, name]) => name?.toLowerCase() === id || name?.toUpperCase() === identifier);
  return (own ?? named.find(([, name]) => name === ''))?.[2];
}

/** @throws Refusal unless there is a git repository with a commit to start branches from */
async function checkRepo(text: string): Promise<string> {
  if (text === '') throw new Refusal('a path is needed');
  const path = resolve(text.replace(/^~(?=\/|$)/, homedir()));
  const top = await run('git', ['-C', path, 'rev-parse', '--show-toplevel']);
  if (!top.ok) throw new Refusal(`${path} is not a git repository`);
  const head = await run('git', ['-C', path, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  if (!head.ok) throw new Refusal(`${path} has no commit yet; make one, because branches start from it`);
  return top.stdout.trim();
}
