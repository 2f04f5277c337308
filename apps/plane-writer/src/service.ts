import type { Config } from '@pco/shared/config';
import { Notify, PlaneWrite } from '@pco/shared/contracts';
import { createEffectHandle, type EffectHandlers, openCore, openPlane, redisReadiness } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { createConsumer } from '@pco/shared/queue';
import { createWaitStore, createWriteStopStore, type RedisHandle } from '@pco/shared/redis';
import { addHealth, addProbes, createHttp, type HealthReason, listen } from '@pco/shared/service';
import { createNotify } from './notify.ts';
import { createWriteComment } from './write-comment.ts';
import { createWriteLink } from './write-link.ts';
import { createWriteState } from './write-state.ts';
import { createWriteStops } from './write-stops.ts';

/**
 * Tickets side by side; each has one open write at a time. Four use up the budget of a hosted Plane, and more would only
 * look in vain before it is empty; a server that allows more requests is given more.
 */
const writesSideBySide = ({ requests_per_minute, budget_window_seconds }: Config['plane']): number =>
  Math.min(10, Math.max(4, Math.floor(requests_per_minute / budget_window_seconds)));
const NOTIFY_CONCURRENCY = 1; // it only logs, and one after the other is cheapest

/** The only writer to Plane. */
export async function startPlaneWriter(config: Config, log: Logger): Promise<AsyncDisposable & { url: string }> {
  await using stack = new AsyncDisposableStack();
  const core = stack.use(await openCore(config, log, 'wait'));
  const plane = stack.use(openPlane(config, core, { kind: 'write' }));
  const app = createHttp({ log });
  addProbes(app, core.registry, () => redisReadiness(core));
  addHealth(
    app,
    config,
    () => redisReadiness(core),
    () => stoppedWrites(core.redis),
  );
  const { url } = stack.use(await listen(app, config.plane_writer));
  const writer = { config, core, plane };
  const waits = createWaitStore(core.redis);
  const stops = createWriteStops(writer, log);
  const consume = (contract: typeof PlaneWrite, concurrency: number, handlers: EffectHandlers) => {
    const handle = createEffectHandle({ store: core.store, apply: core.apply, handlers, noteWait: waits.note });
    const { redis, timing, metrics } = core;
    return stack.use(
      createConsumer({ contract, queue: contract.family, redis, concurrency, timing, log, metrics, handle }),
    );
  };
  const writes = consume(PlaneWrite, writesSideBySide(config.plane), {
    'plane.comment': stops.guard(createWriteComment(writer)),
    'plane.link': stops.guard(createWriteLink(writer)),
    'plane.state': stops.guard(createWriteState(writer)),
  });
  stack.use(stops.watch(writes));
  consume(Notify, NOTIFY_CONCURRENCY, { notify: createNotify() });
  log.info({ event: 'service.started', url, plane: config.plane.api_url }, 'service started');
  const opened = stack.move();
  return { url, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const stoppedWrites = async (redis: RedisHandle): Promise<HealthReason[]> =>
  (await createWriteStopStore(redis).all()).map(({ project, why }) => ({
    code: 'writes-stopped',
    why: project ? `${project}: ${why}` : why,
  }));
