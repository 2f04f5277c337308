import { uptime } from 'node:os';
import { SECOND_MS } from '@pco/shared/time';

/** A moment by this host's clock, which may be set, and by the time since it was started, which only goes on. */
export interface HostTime {
  readonly at: number;
  readonly uptimeMs: number;
}

export const hostTime = (): HostTime => ({ at: Date.now(), uptimeMs: uptime() * SECOND_MS });

/** How far this host's clock was set back between two moments. */
export const setBackMs = (before: HostTime, after: HostTime = hostTime()): number =>
  Math.max(0, after.uptimeMs - before.uptimeMs - (after.at - before.at));
