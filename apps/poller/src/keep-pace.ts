import type { Config } from '@pco/shared/config';
import { PlaneRead } from '@pco/shared/contracts';
import { type Core, every } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { SECOND_MS } from '@pco/shared/time';
import { pollIntervalMs } from './poll-interval.ts';
import type { WebhookHealth } from './webhook-health.ts';

const LOOK_MS = 2 * SECOND_MS;

export const schedulerId = (projectId: string): string => `poll-${projectId}`;

/** Keeps the interval of every watched project as the facts of the moment want it. All pollers come to the same. */
export function keepPace({ plane }: Config, core: Core, health: WebhookHealth, log: Logger): AsyncDisposable {
  const { redis, queues } = core;
  const asked = new Map<string, number>();
  const look = async () => {
    const pace = { areWebhooksHealthy: await health.areHealthy() };
    for (const projectId of await redis.client.smembers(redis.keys.projects)) {
      const everyMs = pollIntervalMs(plane, pace);
      if ((asked.get(projectId) ?? pollIntervalMs(plane, { areWebhooksHealthy: false })) === everyMs) continue;
      await queues.schedule(PlaneRead.family, schedulerId(projectId), everyMs, { projectId });
      asked.set(projectId, everyMs);
      log.info({ event: 'poll.interval', projectId, seconds: everyMs / SECOND_MS, ...pace }, 'poll interval changed');
    }
  };
  return every(LOOK_MS, look, log, 'poll intervals');
}
