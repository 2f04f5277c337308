import type { Config } from '@pco/shared/config';
import { PlaneRead } from '@pco/shared/contracts';
import { openCore, openPlane, redisReadiness, startRetention } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { createConsumer } from '@pco/shared/queue';
import { addHealth, addProbes, createHttp, listen } from '@pco/shared/service';
import { createHealthStore, failingPolls } from './health-store.ts';
import { keepPace } from './keep-pace.ts';
import { LARGE_PAGE } from './list-page.ts';
import { addPollMetrics } from './poll-metrics.ts';
import { createPollOne } from './poll-one.ts';
import { createPollStore } from './poll-store.ts';
import { createSweepStore } from './sweep-store.ts';
import { watchProjects } from './watch-projects.ts';
import { createWebhookHealth } from './webhook-health.ts';

const POLL_CONCURRENCY = 10; // projects side by side: one that hangs holds up no other

/** Looks at Plane, project by project, and turns what it finds into events. */
export async function startPoller(config: Config, log: Logger): Promise<AsyncDisposable & { url: string }> {
  await using stack = new AsyncDisposableStack();
  const core = stack.use(await openCore(config, log, 'wait'));
  const plane = stack.use(openPlane(config, core));
  const app = createHttp({ log });
  addProbes(app, core.registry, () => redisReadiness(core));
  const health = createHealthStore(core.redis);
  const projects = new Set<string>();
  addHealth(
    app,
    config,
    () => redisReadiness(core),
    () => failingPolls(health, projects),
  );
  const { url } = stack.use(await listen(app, config.poller));
  stack.use(startRetention(core.store, config.retention_days, log));
  const me = once(async () => {
    const { id } = await plane.me();
    await core.redis.client.set(core.redis.keys.planeUser, id);
    return id;
  });
  const webhookHealth = createWebhookHealth(core, config, log);
  const handle = createPollOne({
    ...{ config, core, plane, log, me, webhookHealth, health },
    polls: createPollStore(core.redis),
    sweeps: createSweepStore(core.redis),
    ticks: addPollMetrics(core.registry),
    largestPage: { rows: LARGE_PAGE },
  });
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
  stack.use(watchProjects({ config, core, plane, health, log }, projects));
  stack.use(keepPace(config, core, webhookHealth, projects, log));
  log.info({ event: 'service.started', url, intervalSeconds: config.plane.poll_interval }, 'service started');
  const opened = stack.move();
  return { url, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

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
