import type { Config } from '../config/index.ts';
import { messageOf } from '../errors.ts';
import { type PlaneClient, type PlaneProject, pickCompletedState } from '../plane/index.ts';
import { isLoopback } from '../service/index.ts';
import { SECOND_MS } from '../time.ts';
import { bad, type Finding, ok, warn } from './finding.ts';

/** Reads only; writing rights follow from the role, which Plane's API does not tell. */
export async function checkPlane(config: Config, client: PlaneClient): Promise<Finding[]> {
  const { api_url: apiUrl } = config.plane;
  try {
    const me = await client.me();
    const findings = [
      ok('Plane', `${apiUrl} knows us as ${me.displayName || me.email || me.id}`),
      await checkClock(apiUrl),
    ];
    if (apiUrl.startsWith('http:') && !isLoopback(new URL(apiUrl).hostname))
      findings.push(warn('Plane', 'the token travels unencrypted', 'use an https address in plane.api_url'));
    return [...findings, ...(await checkProjects(config, client))];
  } catch (err) {
    return [bad('Plane', messageOf(err), 'check plane.api_url and plane.api_token (npm run init asks for them)')];
  }
}

const SKEW_MS = 30 * SECOND_MS;

/** Times of Plane and of us are compared, and a wrong clock makes webhook signatures and tokens expire. */
async function checkClock(apiUrl: string): Promise<Finding> {
  const what = 'clock';
  try {
    const answer = await fetch(new URL(apiUrl).origin, {
      redirect: 'manual',
      signal: AbortSignal.timeout(10 * SECOND_MS),
    });
    const skewMs = Date.now() - Date.parse(answer.headers.get('date') ?? '');
    if (Number.isNaN(skewMs)) return ok(what, 'Plane does not tell the time');
    if (Math.abs(skewMs) < SKEW_MS) return ok(what, 'agrees with Plane');
    return warn(
      what,
      `differs from Plane's by ${Math.round(skewMs / SECOND_MS)} s`,
      'let both synchronize (timedatectl set-ntp true)',
    );
  } catch (err) {
    return warn(what, `could not be compared: ${messageOf(err)}`, 'check the network');
  }
}

async function checkProjects(config: Config, client: PlaneClient): Promise<Finding[]> {
  const wanted = [...new Set([...config.plane.project_ids, ...Object.keys(config.projects)])];
  const all = await client.listProjects();
  const findings = await Promise.all(wanted.map((name) => checkProject(name, all, config, client)));
  return findings.flat();
}

const findProject = (name: string, all: readonly PlaneProject[]): PlaneProject | undefined =>
  all.find(({ id, identifier }) => id === name || identifier === name);

async function checkProject(
  name: string,
  all: readonly PlaneProject[],
  config: Config,
  client: PlaneClient,
): Promise<Finding[]> {
  const project = findProject(name, all);
  const what = `project ${project?.identifier ?? name}`;
  if (!project) return [bad(what, 'the workspace has none of that id', 'npm run init -- --list-projects shows them')];
  if (!project.isMember)
    return [
      bad(what, 'the token has not joined it', "add the token's user to it as Member (Plane > project settings)"),
    ];
  if (project.archivedAt !== null) return [warn(what, 'is archived', 'restore it in Plane or take it out')];
  try {
    const { totalCount } = await client.listWorkItems(project.id, { perPage: 1 });
    const states = await client.listStates(project.id);
    const own = config.projects[project.id] ?? config.projects[project.identifier];
    const wished = own?.completed_state ?? config.plane.completed_state;
    const state = pickCompletedState(states, wished);
    const names = states.map((one) => one.name).join(', ');
    return [
      ok(what, `"${project.name}", ${totalCount} work items can be read`),
      state
        ? ok(what, `finished work goes to "${state.name}"`)
        : bad(what, `has no state ${wished ?? 'of the group started'}`, `set completed_state to one of: ${names}`),
    ];
  } catch (err) {
    return [bad(what, messageOf(err), 'give the user of the token the role Member or Admin in this project')];
  }
}
