import type { Config } from '@pco/shared/config';
import { PlaneRead } from '@pco/shared/contracts';
import { type Core, every } from '@pco/shared/engine';
import { messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import type { PlaneClient } from '@pco/shared/plane';
import { redisNow } from '@pco/shared/redis';
import { MINUTE_MS } from '@pco/shared/time';
import type { HealthStore } from './health-store.ts';

export interface WatchDeps {
  readonly config: Config;
  readonly core: Core;
  readonly plane: PlaneClient;
  readonly health: HealthStore;
  readonly log: Logger;
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(text);

/**
 * Has every project polled: those given by UUID at once, those that the long form names by identifier as soon as
 * Plane has said which they are. One that Plane does not know stands in `/health` under its identifier. A project that
 * is no longer configured is not polled any more.
 *
 * @param projects gets the ids of all that are to be polled
 */
export function watchProjects(deps: WatchDeps, projects: Set<string>): AsyncDisposable {
  const { config, core, log } = deps;
  const { client, keys } = core.redis;
  let isSettled = false;
  const look = async () => {
    if (isSettled) return;
    const named = Object.keys(config.projects);
    const given = [...config.plane.project_ids, ...named.filter(isUuid)];
    const identifiers = named.filter((name) => !given.includes(name));
    await core.queues.unschedule(PlaneRead.family, new Set()); // left by a version that polled by schedules
    for (const id of given) projects.add(id);
    const { found, unknown } = await findProjects(deps, identifiers);
    for (const id of found) projects.add(id);
    const shown = [...projects, ...unknown];
    const old = await client.smembers(keys.projects);
    if (shown.length > 0) await client.sadd(keys.projects, ...shown);
    for (const id of old.filter((id) => !shown.includes(id))) await forget(deps, id);
    isSettled = unknown.length === 0;
    log.info({ event: 'poll.projects', projects: [...projects] }, 'projects are polled');
  };
  return every(MINUTE_MS, look, log, 'projects to poll');
}

async function findProjects({ core, plane, health, log }: WatchDeps, identifiers: readonly string[]) {
  const found: string[] = [];
  const unknown: string[] = [];
  if (identifiers.length === 0) return { found, unknown };
  let why = 'Plane has no project of that identifier: correct the key under projects';
  const known = await plane.listProjects().catch((err: unknown) => {
    why = messageOf(err);
    return [];
  });
  const now = await redisNow(core.redis);
  for (const identifier of identifiers) {
    const project = known.find((candidate) => candidate.identifier === identifier.toUpperCase());
    if (project) {
      found.push(project.id);
      continue;
    }
    unknown.push(identifier);
    if (await health.recordFailure(identifier, why, now))
      log.error({ event: 'poll.unknown-project', identifier, why }, 'project is not polled');
  }
  return { found, unknown };
}

async function forget({ core: { redis }, health }: WatchDeps, projectId: string): Promise<void> {
  await redis.client.srem(redis.keys.projects, projectId);
  await redis.client.zrem(redis.keys.polls, projectId);
  await health.forget(projectId);
}
