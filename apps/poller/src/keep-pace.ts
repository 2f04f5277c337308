import type { Config } from '@pco/shared/config';
import { PlaneRead } from '@pco/shared/contracts';
import { type Core, every } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { loadScript } from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';
import { z } from 'zod';
import { pollIntervalMs, stretch } from './poll-interval.ts';
import type { WebhookHealth } from './webhook-health.ts';

const takeDuePolls = loadScript('take-due-polls.lua', z.array(z.string()));

/**
 * Asks for the polls that are due, as the facts of the moment want them: webhooks that come, sessions at work. Each
 * project is asked for once per interval, however many pollers there are; while a poll of it waits, for the budget or
 * for a free worker, no other is added.
 *
 * @param projects those that this poller watches
 */
export function keepPace(
  { plane }: Config,
  { redis, queues }: Core,
  health: WebhookHealth,
  projects: ReadonlySet<string>,
  log: Logger,
): AsyncDisposable {
  const { client, keys } = redis;
  const look = async () => {
    if (projects.size === 0) return;
    const areWebhooksHealthy = await health.areHealthy();
    const ids = [...projects];
    const sessions = await Promise.all(ids.map((id) => client.scard(keys.slots(`slots:project:${id}`))));
    const wanted = sessions.map((count) => pollIntervalMs(plane, { areWebhooksHealthy, hasSession: count > 0 }));
    const intervals = stretch(wanted, plane);
    const due = await takeDuePolls(
      client,
      [keys.polls],
      ids.flatMap((id, i) => [id, intervals[i] ?? 0]),
    );
    for (const projectId of due) await queues.hint(PlaneRead.family, 'poll', { projectId }, `poll-${projectId}`);
  };
  return every(SECOND_MS, look, log, 'polls that are due');
}
