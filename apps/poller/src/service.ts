import type { Config } from '@pco/shared/config';
import { PlaneRead } from '@pco/shared/contracts';
import { openCore, openPlane, redisReadiness, startRetention } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { createConsumer } from '@pco/shared/queue';
import { addProbes, createHttp, listen } from '@pco/shared/service';
import { keepPace } from './keep-pace.ts';
import { createPollOne } from './poll-one.ts';
import { createPollStore } from './poll-store.ts';
import { watchProjects } from './watch-projects.ts';
import { createWebhookHealth } from './webhook-health.ts';

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
