import { Counter, Gauge, type Registry } from '@pco/shared/metrics';
import { webhookState } from '@pco/shared/plane';
import type { WebhookStore } from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';

const OUTCOMES = [
  'queued',
  'duplicate',
  'own',
  'ignored',
  'forged',
  'unreadable',
  'too_large',
  'failed',
  'off',
] as const;

/** @returns what counts a delivery */
export function addWebhookMetrics(
  registry: Registry,
  webhooks: WebhookStore,
  secrets: readonly string[],
): (outcome: (typeof OUTCOMES)[number]) => void {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'webhook_deliveries_total',
    help: 'Deliveries of Plane webhooks by what became of them',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of OUTCOMES) deliveries.inc({ outcome }, 0);
  new Gauge({
    name: 'webhook_last_delivery_timestamp_seconds',
    help: 'When the last authentic delivery came, to any replica; 0 for never',
    registers,
    async collect() {
      this.set((await webhooks.facts()).lastDeliveryAt / SECOND_MS);
    },
  });
  new Gauge({
    name: 'webhooks_healthy',
    help: '0 when polls find changes that no delivery has told of, else 1',
    registers,
    async collect() {
      this.set(webhookState(secrets, await webhooks.facts()) === 'unhealthy' ? 0 : 1);
    },
  });
  return (outcome) => deliveries.inc({ outcome });
}
