import type { Config } from '@pco/shared/config';
import { MINUTE_MS, SECOND_MS } from '@pco/shared/time';

/** What decides how often a project is polled. */
export interface Pace {
  /** Deliveries come, and tell of what changes: a poll only makes up for a lost one. */
  readonly areWebhooksHealthy: boolean;
  /** An agent is at work there: it is stopped soon after somebody ends its work item, of which webhooks may not tell. */
  readonly hasSession?: boolean;
}

/** With the second in which polls are asked for and the poll itself, an end is seen within 15 s. */
const WITH_SESSION_MS = 12 * SECOND_MS;
/** Polls of unchanged projects take at most this share of the requests: the rest is for what changes. */
const IDLE_SHARE = 0.5;

/** @returns ms between two polls of a project */
export function pollIntervalMs(plane: Config['plane'], { areWebhooksHealthy, hasSession }: Pace): number {
  const { poll_interval, poll_interval_relaxed } = plane;
  const usual = (areWebhooksHealthy ? Math.max(poll_interval, poll_interval_relaxed) : poll_interval) * SECOND_MS;
  return hasSession ? Math.min(usual, WITH_SESSION_MS) : usual;
}

/** Intervals of several projects, made longer alike where they would use up the requests. */
export function stretch(intervalsMs: readonly number[], { requests_per_minute }: Config['plane']): number[] {
  const perMinute = intervalsMs.reduce((sum, ms) => sum + MINUTE_MS / ms, 0);
  const factor = Math.max(1, perMinute / (requests_per_minute * IDLE_SHARE));
  return intervalsMs.map((ms) => ms * factor);
}
