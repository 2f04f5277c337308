import type { Config } from '@pco/shared/config';
import { ROUTES } from '@pco/shared/contracts/http';
import { type Core, isTrouble } from '@pco/shared/engine';
import { webhookAdvice, webhookState } from '@pco/shared/plane';
import {
  createRunnerStore,
  createWebhookStore,
  createWriteStopStore,
  EVERYWHERE,
  keyOfPlace,
  readMasters,
  replicasToWaitFor,
} from '@pco/shared/redis';
import { configHealth, type HealthCode, type HealthReason } from '@pco/shared/service';
import { iso, SECOND_MS } from '@pco/shared/time';
import type { FastifyInstance } from 'fastify';
import { request } from 'undici';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';
import { pollHealth } from '../project-health.ts';
import { startWaits } from '../waiting-starts.ts';

const LATE_POLLS = 3; // intervals without a poll: the poller is down or stuck
const LOOK_MS = 3_000; // B-011: a probe never hangs longer

/** `/health`: always 200, the five documented fields and what is behind them (B-080). */
export function addHealthRoute(app: FastifyInstance, { core, config }: ApiContext): void {
  const startedAt = Date.now();
  serve(app, ROUTES.health, async () => {
    const [counts, lacking, terminal, projects, runners, webhooks, stops, waits] = await Promise.all([
      core.store.counts().catch(() => null),
      mastersWithoutReplicas(core, config).catch(() => []),
      isUp(`${config.tmux_session_service.url}/health`),
      pollHealth(core).catch(() => []),
      createRunnerStore(core.redis.client, core.redis.keys)
        .all()
        .catch(() => []),
      webhookHealth(core, config.webhooks.secrets).catch(() => null),
      writeStops(core).catch(() => []),
      startWaits(core).catch(() => []),
    ]);
    const { poll_interval, poll_interval_relaxed } = config.plane;
    const lateMs = LATE_POLLS * Math.max(poll_interval, poll_interval_relaxed) * SECOND_MS;
    const failing = projects.filter(({ failures }) => failures > 0);
    const times = { startedAt, now: Date.now(), lateMs };
    const late = projects.filter(({ lastPollAt }) => isLate(lastPollAt, times));
    const alive = runners.flatMap(({ id, heartbeat }) => (heartbeat ? [{ id, refuses: heartbeat.refuses }] : []));
    const tight = alive.flatMap(({ id, refuses }) => (refuses ? [{ runner: id, ...refuses }] : []));
    const own = configHealth(config);
    const reasons: HealthReason[] = [
      ...(counts ? [] : [reason('redis-away', `Redis does not answer; see ${keyOfPlace(config.redis)}`)]),
      ...lacking.map((why) => reason('redis-replicas', why)),
      ...(terminal ? [] : [reason('terminal-service-away', `no answer from ${config.tmux_session_service.url}`)]),
      ...(alive.length > 0 ? [] : [reason('no-runner', 'no session-worker sends heartbeats: nothing approved starts')]),
      ...tight.map(({ runner, why }) => reason('runner-without-room', `${runner}: ${why}`)),
      ...waits.filter(isTrouble).map(({ why, tickets }) => reason('start-waits', `${tickets} approved: ${why}`)),
      ...failing.map(({ project, identifier, error }) =>
        reason('poll-failing', `${identifier || project}: ${error ?? 'the last poll failed'}`),
      ),
      ...late.map(({ project, identifier }) =>
        reason('poll-late', `${identifier || project} was not polled for a while: is the poller running?`),
      ),
      ...stops.map(({ identifier, error }) => reason('writes-stopped', identifier ? `${identifier}: ${error}` : error)),
      ...(webhooks?.status === 'unhealthy' ? [reason('webhooks-silent', webhooks.error ?? 'no deliveries come')] : []),
      ...own.reasons,
    ];
    return {
      status: reasons.length === 0 ? 'healthy' : 'degraded',
      reasons,
      config: own.config,
      tmux_service: terminal,
      pending_count: counts?.pending ?? 0,
      active_count: counts ? counts.approved + counts.starting + counts.active + counts.waiting : 0,
      completed_count: counts ? counts.completed + counts.updating : 0,
      failed_count: counts ? counts.failed + counts.blocked : 0,
      redis: counts !== null,
      runners: alive.length,
      runners_without_room: tight,
      start_waits: waits,
      plane: projects.length > 0 && failing.length < projects.length,
      last_poll_at: lastPoll(projects.map(({ lastPollAt }) => lastPollAt)),
      webhooks,
      write_stops: stops,
      projects: projects.map(({ lastPollAt, ...rest }) => ({
        ...rest,
        last_poll_at: lastPollAt ? iso(lastPollAt) : null,
      })),
    };
  });
}

/** What is decided waits for replicas; a person is to know whose. */
async function mastersWithoutReplicas({ redis }: Core, { redis: settings }: Config): Promise<string[]> {
  const wanted = replicasToWaitFor(settings);
  if (wanted === 0) return [];
  const lacking = (await readMasters(redis)).filter(({ replicas }) => replicas < wanted);
  return lacking.map(({ address, replicas }) => `${replicas} of ${wanted} replicas follow ${address}`);
}

const reason = (code: HealthCode, why: string): HealthReason => ({ code, why });

/** Whether a project should have been polled again by now; right after our own start nobody can have done so yet. */
export const isLate = (lastPollAt: number, at: { startedAt: number; now: number; lateMs: number }): boolean =>
  at.now - Math.max(lastPollAt, at.startedAt) > at.lateMs;

/** Whether Plane's webhooks come, and what to do when they have stopped. */
async function webhookHealth({ redis }: Core, secrets: readonly string[]) {
  const facts = await createWebhookStore(redis).facts();
  const status = webhookState(secrets, facts);
  return {
    status,
    last_delivery_at: facts.lastDeliveryAt > 0 ? iso(facts.lastDeliveryAt) : null,
    error: status === 'unhealthy' ? webhookAdvice(facts) : null,
  };
}

async function writeStops({ redis }: Core) {
  const found = await createWriteStopStore(redis).all();
  return found.map(({ scope, project, since, why }) => ({
    project: scope === EVERYWHERE ? null : scope,
    identifier: project,
    since: iso(since),
    error: why,
  }));
}

const lastPoll = (times: readonly number[]): string | null => {
  const last = Math.max(0, ...times);
  return last > 0 ? iso(last) : null;
};

export const isUp = (url: string): Promise<boolean> =>
  request(url, { signal: AbortSignal.timeout(LOOK_MS) }).then(
    async ({ statusCode, body }) => {
      await body.dump();
      return statusCode === 200;
    },
    () => false,
  );
