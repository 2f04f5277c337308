import type { Config } from '@pco/shared/config';
import type { Core } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { MISSES_ALLOWED, webhookAdvice, webhookState } from '@pco/shared/plane';
import { createWebhookStore } from '@pco/shared/redis';
import { MINUTE_MS } from '@pco/shared/time';
import { pollIntervalMs } from './poll-interval.ts';

/** Whether Plane's webhooks can be relied on, judged by what polls find first. All replicas share the verdict. */
export interface WebhookHealth {
  /** Whether polling may be relaxed. */
  areHealthy(): Promise<boolean>;
  /**
   * Runs a poll and judges the webhooks by what it found first.
   *
   * @param poll gives the work items that it found changed by somebody else; null when it did not come to its end
   */
  judge(projectId: string, poll: () => Promise<readonly string[] | null>): Promise<void>;
}

export function createWebhookHealth(
  { redis }: Core,
  { webhooks: { secrets }, plane }: Config,
  log: Logger,
): WebhookHealth {
  const gapMs = 2 * pollIntervalMs(plane, { areWebhooksHealthy: true }) + MINUTE_MS;
  const webhooks = createWebhookStore(redis);
  return {
    areHealthy: async () => secrets.length > 0 && webhookState(secrets, await webhooks.facts()) === 'healthy',
    async judge(projectId, poll) {
      if (secrets.length === 0) return void (await poll());
      const { now } = await webhooks.facts();
      const found = await poll();
      if (found === null) return;
      const { isMiss, ...facts } = await webhooks.judgePoll(projectId, now, found, gapMs);
      if (isMiss && facts.missed === MISSES_ALLOWED + 1)
        log.error({ event: 'webhooks.unhealthy', why: webhookAdvice({ ...facts, now }) }, 'webhooks have stopped');
    },
  };
}
