import type { PollJob } from '@pco/shared/contracts';
import { projectSection } from '@pco/shared/engine';
import { AppError, isCode, messageOf } from '@pco/shared/errors';
import type { Counter } from '@pco/shared/metrics';
import { type JobContext, Later } from '@pco/shared/queue';
import { createLeaseStore, createWebhookStore } from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';
import type { HealthStore } from './health-store.ts';
import { look, lookBackoffMs, settleLook } from './look.ts';
import type { Poll, PollDeps } from './poll.ts';
import { pollProject } from './poll-project.ts';
import { rulesOf } from './rules.ts';
import type { WebhookHealth } from './webhook-health.ts';

const BUSY_MS = 500; // the other poll began before this one was asked for: what it missed is looked for right after
/** The first request that comes free would be spent on the list alone: with more of them the poll gets on. */
const BUDGET_MS = 5 * SECOND_MS;
/** While a bulk edit uses up the requests for comments, there may still be one for the list that shows an end. */
const WITH_SESSION_MS = 10 * SECOND_MS;

export interface PollOneDeps extends PollDeps {
  readonly webhookHealth: WebhookHealth;
  readonly health: HealthStore;
  readonly ticks: Counter<'outcome'>;
}

/** Handles one job of the queue: a poll of a project, or a look at one of its work items. */
export function createPollOne(deps: PollOneDeps): (job: PollJob, ctx: JobContext) => Promise<void> {
  const { core, log, polls, webhookHealth, health, ticks } = deps;
  const webhooks = createWebhookStore(core.redis);
  const withProject = createWithProject(deps);
  const poll = async (projectId: string, signal: AbortSignal): Promise<void> => {
    const started = performance.now();
    let done = { triggered: 0, project: '', workItems: 0 };
    await webhookHealth.judge(projectId, async () => {
      const found = await withProject(projectId, signal, async (poll) => {
        const triggered = await pollProject(poll);
        if (triggered === null) return null;
        done = { triggered, project: poll.identifier, workItems: poll.count.total };
        return [...poll.foreign];
      });
      if (found === null) throw new Later(BUSY_MS);
      return found;
    });
    const failed = await health.recordSuccess(projectId, done.project, await polls.now(), done.workItems);
    ticks.inc({ outcome: 'ok' });
    if (failed > 0) log.info({ event: 'poll.recovered', project: done.project, failed }, 'project is polled again');
    const ms = Math.round(performance.now() - started);
    log[done.triggered > 0 ? 'info' : 'debug']({ event: 'poll.complete', ...done, ms }, 'poll complete');
  };
  return async ({ projectId, workItem, cid }, ctx) => {
    if (workItem !== undefined) {
      const seen = await withProject(projectId, ctx.signal, (poll) => look({ ...poll, cid }, workItem, webhooks)).catch(
        (err: unknown) => {
          if (err instanceof Later) throw err;
          return settleLook(err, ctx);
        },
      );
      if (seen === null) throw new Later(lookBackoffMs(ctx.starts));
      return;
    }
    await poll(projectId, ctx.signal).catch((err: unknown) => settlePoll(deps, projectId, err));
  };
}

/**
 * What a poll that failed does. A short budget is waited for and is no failure; anything else is noted, said once, and
 * left to the next poll.
 */
async function settlePoll(
  { core, health, polls, ticks, log }: PollOneDeps,
  projectId: string,
  err: unknown,
): Promise<void> {
  const waitMs = err instanceof AppError ? err.details.retryAfterMs : undefined;
  if (err instanceof Later || typeof waitMs === 'number') {
    ticks.inc({ outcome: 'busy' });
    if (err instanceof Later) throw err;
    const { client, keys } = core.redis;
    const hasSession = (await client.scard(keys.slots(`slots:project:${projectId}`))) > 0;
    const longestMs = hasSession ? WITH_SESSION_MS : Number.POSITIVE_INFINITY;
    throw new Later(Math.min(Number(waitMs) + BUDGET_MS, longestMs), { cause: err });
  }
  ticks.inc({ outcome: 'failed' });
  const isNews = await health.recordFailure(projectId, messageOf(err), await polls.now());
  const needsPerson = isCode(
    err,
    'PLANE_UNAUTHORIZED',
    'PLANE_NOT_FOUND',
    'PLANE_REFUSED',
    'PLANE_BAD_ANSWER',
    'PLANE_PROJECT_CLOSED',
  );
  const level = !isNews ? 'debug' : needsPerson ? 'error' : 'warn';
  log[level](
    { event: 'poll.failed', projectId, err: messageOf(err) },
    needsPerson ? 'poll failed; run `npm run doctor`' : 'poll failed, the next one tries again',
  );
  if (!(err instanceof AppError)) throw err;
}

const unknown = (err: unknown): never => {
  if (!isCode(err, 'PLANE_NOT_FOUND')) throw err;
  const why = 'the workspace has no project of that id: check plane.project_ids and plane.workspace_slug';
  throw new AppError('PLANE_NOT_FOUND', { ...err.details, why }, { cause: err });
};

/** Works under the lease of a project; null when another poller has it. */
function createWithProject(deps: PollOneDeps) {
  const { config, core, plane } = deps;
  const leases = createLeaseStore(core.redis.client, core.redis.keys);
  const leaseMs = config.queues.lock_duration_ms; // as long as a dead worker's job is waited for
  const identifiers = new Map<string, string>();
  const identify = async (projectId: string, signal: AbortSignal): Promise<string> => {
    const given = config.plane.project_ids.length === 1 ? config.plane.project_identifier : undefined;
    const known = given ?? identifiers.get(projectId) ?? (await plane.project(projectId, { signal }).catch(unknown));
    const identifier = typeof known === 'string' ? known : known.identifier;
    identifiers.set(projectId, identifier);
    return identifier;
  };
  return async <T>(projectId: string, signal: AbortSignal, work: (poll: Poll) => Promise<T | null>) => {
    await using lease = await leases.hold(`poll-${projectId}`, crypto.randomUUID(), leaseMs);
    if (!lease) return null;
    const identifier = await identify(projectId, signal);
    const rules = rulesOf(config, projectSection(config, { projectId, project: identifier }));
    const token = () => lease.token();
    const count = { total: 0 };
    return await work({ ...deps, projectId, identifier, rules, signal, token, count, foreign: new Set() });
  };
}
