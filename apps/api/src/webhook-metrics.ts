import { Counter, type Registry } from '@pco/shared/metrics';

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
export function addWebhookMetrics(registry: Registry): (outcome: (typeof OUTCOMES)[number]) => void {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'webhook_deliveries_total',
    help: 'Deliveries of Plane webhooks by what became of them',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of OUTCOMES) deliveries.inc({ outcome }, 0);
  return (outcome) => deliveries.inc({ outcome });
}
