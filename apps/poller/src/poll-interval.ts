import type { Config } from '@pco/shared/config';
import { SECOND_MS } from '@pco/shared/time';

/** What decides how often a project is polled. */
export interface Pace {
  /** Deliveries come, and tell of what changes: a poll only makes up for a lost one. */
  readonly areWebhooksHealthy: boolean;
}

/** @returns ms between two polls of a project */
export function pollIntervalMs(plane: Config['plane'], { areWebhooksHealthy }: Pace): number {
  const { poll_interval, poll_interval_relaxed } = plane;
  return (areWebhooksHealthy ? Math.max(poll_interval, poll_interval_relaxed) : poll_interval) * SECOND_MS;
}
