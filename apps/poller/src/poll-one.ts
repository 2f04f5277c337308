import type { PollJob } from '@pco/shared/contracts';
import { projectSection } from '@pco/shared/engine';
import { AppError, isCode, messageOf } from '@pco/shared/errors';
import { Counter } from '@pco/shared/metrics';
import { type JobContext, Later } from '@pco/shared/queue';
import { createLeaseStore, createWebhookStore } from '@pco/shared/redis';
import { look, lookBackoffMs, settleLook } from './look.ts';
import type { Poll, PollDeps } from './poll.ts';
import { pollProject } from './poll-project.ts';
import type { WebhookHealth } from './webhook-health.ts';

const BUSY_MS = 500; // the other poll began before this one was asked for: what it missed is looked for right after

/** Handles one job of the queue: a poll of a project, or a look at one of its work items. */
export function createPollOne(deps: PollDeps, health: WebhookHealth): (job: PollJob, ctx: JobContext) => Promise<void> {
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
    const started = performance.now();
    if (workItem !== undefined) {
      const done = await withProject(projectId, (poll) => look(poll, workItem, webhooks)).catch((err: unknown) => {
        if (err instanceof Later) throw err;
        return settleLook(err, ctx);
      });
      if (done === null) throw new Later(lookBackoffMs(ctx.starts));
      const ms = Math.round(performance.now() - started);
      log[done ? 'info' : 'debug']({ event: 'look.complete', workItem, triggered: done ?? 0, ms }, 'look complete');
      return;
    }
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
