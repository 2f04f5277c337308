import { DAY_MS } from '../time.ts';

/** So many polls in a row may find first what a delivery should have told: a few changes fire no webhook. */
export const MISSES_ALLOWED = 2;

export interface WebhookFacts {
  /** By the clock of Redis, like `now`; 0 when none ever came. */
  readonly lastDeliveryAt: number;
  /** Polls that found changes of which no delivery had told, since the last delivery. */
  readonly missed: number;
  readonly now: number;
}

/**
 * `off`: no secret is configured. `waiting`: no delivery within a day, nothing was missed either. `healthy`: they come,
 * so that polling may be relaxed. `unhealthy`: changes are found for which none came.
 */
export type WebhookState = 'off' | 'waiting' | 'healthy' | 'unhealthy';

export function webhookState(secrets: readonly string[], { lastDeliveryAt, missed, now }: WebhookFacts): WebhookState {
  if (secrets.length === 0) return 'off';
  if (missed > MISSES_ALLOWED) return 'unhealthy';
  return lastDeliveryAt > now - DAY_MS && lastDeliveryAt > 0 ? 'healthy' : 'waiting';
}

/** What a person is told who has to mend it. */
export function webhookAdvice({ lastDeliveryAt }: WebhookFacts): string {
  const seen = lastDeliveryAt > 0 ? 'Plane has stopped to send webhooks' : 'Plane has never sent a webhook';
  return `${seen}, though work items change; polling goes on at its fast interval. In Plane, Workspace settings > Webhooks: is it there, active, for issues and issue comments, with our address and secret?`;
}
