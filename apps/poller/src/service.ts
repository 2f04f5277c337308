import type { Config } from '@pco/shared/config';
import { PlaneRead, type PollJob } from '@pco/shared/contracts';
import {
  type Core,
  every,
  openCore,
  openPlane,
  projectSection,
  redisReadiness,
  startRetention,
} from '@pco/shared/engine';
import { AppError, isCode, messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { Counter } from '@pco/shared/metrics';
import { createConsumer, type JobContext, Later } from '@pco/shared/queue';
import { createLeaseStore, createWebhookStore } from '@pco/shared/redis';
import { addProbes, createHttp, listen } from '@pco/shared/service';
import { MINUTE_MS } from '@pco/shared/time';
import { keepPace, schedulerId } from './keep-pace.ts';
import { look, lookBackoffMs, settleLook } from './look.ts';
import type { Poll, PollDeps } from './poll.ts';
import { pollIntervalMs } from './poll-interval.ts';
import { pollProject } from './poll-project.ts';
import { createPollStore } from './poll-store.ts';
import { createWebhookHealth, type WebhookHealth } from './webhook-health.ts';

const BUSY_MS = 500; // the other poll began before this one was asked for: what it missed is looked for right after
const POLL_CONCURRENCY = 4; // projects side by side

/** Looks at Plane, project by project, and turns what it finds into events. */
export async function startPoller(config: Config, log: Logger): Promise<AsyncDisposable & { url: string }> {
  await using stack = new AsyncDisposableStack();
  const core = stack.use(await openCore(config, log, 'wait'));
  const plane = stack.use(openPlane(config, core));
  const app = createHttp({ log });
  addProbes(app, core.registry, () => redisReadiness(core));
  const { url } = stack.use(await listen(app, config.poller));
  stack.use(startRetention(core.store, config.retention_days, log));
  const me = once(async () => {
    const { id } = await plane.me();
    await core.redis.client.set(core.redis.keys.planeUser, id);
    return id;
  });
  const health = createWebhookHealth(core, config, log);
  const handle = createPollOne({ config, core, plane, log, me, polls: createPollStore(core.redis) }, health);
  const { redis, timing, metrics } = core;
  stack.use(
    createConsumer({
      contract: PlaneRead,
      queue: PlaneRead.family,
      redis,
      concurrency: POLL_CONCURRENCY,
      timing,
      log,
      metrics,
      handle,
    }),
  );
  stack.use(watchProjects(config, core, plane, log));
  stack.use(keepPace(config, core, health, log));
  log.info({ event: 'service.started', url, intervalSeconds: config.plane.poll_interval }, 'service started');
  const opened = stack.move();
  return { url, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(text);

/**
 * Has every project polled: those given by UUID at once, those that the long form names by identifier as soon as
 * Plane has said which they are. A project that is no longer configured is not polled any more.
 */
function watchProjects(config: Config, core: Core, plane: PollDeps['plane'], log: Logger): AsyncDisposable {
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

function createPollOne(deps: PollDeps, health: WebhookHealth): (job: PollJob, ctx: JobContext) => Promise<void> {
  const { config, core, plane, polls, log } = deps;
  const webhooks = createWebhookStore(core.redis);
  const leases = createLeaseStore(core.redis.client, core.redis.keys);
  // as long as a dead worker's job is waited for
  const leaseMs = config.queues.lock_duration_ms;
  const identifiers = new Map<string, string>();
  const ticks = new Counter({
    name: 'poller_ticks_total',
    help: 'Polls of a project by outcome (ok, busy, failed)',
    labelNames: ['outcome'],
    registers: [core.registry],
  });
  const identify = async (projectId: string): Promise<string> => {
    const given = config.plane.project_ids.length === 1 ? config.plane.project_identifier : undefined;
    const known = given ?? identifiers.get(projectId) ?? (await plane.project(projectId)).identifier;
    identifiers.set(projectId, known);
    return known;
  };
  /** Works under the lease of the project; null when another poller has it. */
  const withProject = async <T>(projectId: string, work: (poll: Poll) => Promise<T | null>): Promise<T | null> => {
    await using lease = await leases.hold(`poll-${projectId}`, crypto.randomUUID(), leaseMs);
    if (!lease) return null;
    const identifier = await identify(projectId);
    const section = projectSection(config, { projectId, project: identifier });
    const triggers = { ...config.triggers, ...defined(section?.triggers ?? {}) };
    const token = () => lease.token();
    return await work({ ...deps, projectId, identifier, section, triggers, token, foreign: new Set() });
  };
  return async ({ projectId, workItem }, ctx) => {
    if (workItem !== undefined) {
      const done = await withProject(projectId, (poll) => look(poll, workItem, webhooks)).catch((err: unknown) => {
        if (err instanceof Later) throw err;
        return settleLook(err, ctx);
      });
      if (done === null) throw new Later(lookBackoffMs(ctx.starts));
      return;
    }
    const started = performance.now();
    try {
      let triggered = 0;
      let identifier = '';
      await health.judge(projectId, async () => {
        const found = await withProject(projectId, async (poll) => {
          const count = await pollProject(poll);
          if (count === null) return null;
          [triggered, identifier] = [count, poll.identifier];
          return [...poll.foreign];
        });
        if (found === null) throw new Later(BUSY_MS);
        return found;
      });
      await polls.recordSuccess(projectId, identifier, Date.now());
      ticks.inc({ outcome: 'ok' });
      const ms = Math.round(performance.now() - started);
      log[triggered > 0 ? 'info' : 'debug'](
        { event: 'poll.complete', project: identifier, triggered, ms },
        'poll complete',
      );
    } catch (err) {
      if (err instanceof Later) {
        ticks.inc({ outcome: 'busy' });
        throw err;
      }
      ticks.inc({ outcome: 'failed' });
      await polls.recordFailure(projectId, messageOf(err));
      if (isCode(err, 'PLANE_UNAUTHORIZED', 'PLANE_NOT_FOUND'))
        log.error({ event: 'poll.failed', projectId, err: messageOf(err) }, 'poll failed; run `npm run doctor`');
      else log.warn({ event: 'poll.failed', projectId, err: messageOf(err) }, 'poll failed, the next one tries again');
      if (!(err instanceof AppError)) throw err;
    }
  };
}

/** Overrides of a project without the keys it does not set. */
const defined = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  // filtering removes exactly the undefined values
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((err: unknown) => {
      made = undefined;
      throw err;
    });
    return made;
  };
};
