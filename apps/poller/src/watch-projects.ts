import type { Config } from '@pco/shared/config';
import { PlaneRead } from '@pco/shared/contracts';
import { type Core, every } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { MINUTE_MS } from '@pco/shared/time';
import { schedulerId } from './keep-pace.ts';
import type { PollDeps } from './poll.ts';
import { pollIntervalMs } from './poll-interval.ts';

const isUuid = (text: string): boolean => /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(text);

/**
 * Has every project polled: those given by UUID at once, those that the long form names by identifier as soon as
 * Plane has said which they are. A project that is no longer configured is not polled any more.
 */
export function watchProjects(config: Config, core: Core, plane: PollDeps['plane'], log: Logger): AsyncDisposable {
  const named = Object.keys(config.projects);
  const given = [...config.plane.project_ids, ...named.filter(isUuid)];
  const identifiers = named.filter((name) => !given.includes(name));
  let isSettled = false;
  const look = async () => {
    if (isSettled) return;
    await schedule(config, core, given);
    const found = identifiers.length === 0 ? [] : await findProjects(identifiers, plane, log);
    const projects = [...new Set([...given, ...found])];
    await schedule(config, core, found);
    await core.queues.unschedule(PlaneRead.family, new Set(projects.map(schedulerId)));
    const { client, keys } = core.redis;
    await client.del(keys.projects);
    if (projects.length > 0) await client.sadd(keys.projects, ...projects);
    isSettled = found.length === identifiers.length;
    log.info({ event: 'poll.projects', projects }, 'projects are polled');
  };
  return every(MINUTE_MS, look, log, 'projects to poll');
}

async function schedule({ plane }: Config, { queues }: Core, projectIds: readonly string[]): Promise<void> {
  const everyMs = pollIntervalMs(plane, { areWebhooksHealthy: false });
  for (const projectId of projectIds)
    await queues.schedule(PlaneRead.family, schedulerId(projectId), everyMs, { projectId });
}

async function findProjects(identifiers: readonly string[], plane: PollDeps['plane'], log: Logger): Promise<string[]> {
  const known = await plane.listProjects();
  return identifiers.flatMap((identifier) => {
    const project = known.find((candidate) => candidate.identifier === identifier.toUpperCase());
    if (project) return [project.id];
    const event = 'poll.unknown-project';
    log.error({ event, identifier }, 'Plane has no project of that identifier; correct the key under projects');
    return [];
  });
}
