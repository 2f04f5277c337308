import { AppError, isRetryable, messageOf } from '@pco/shared/errors';
import { type JobContext, Later } from '@pco/shared/queue';
import type { WebhookStore } from '@pco/shared/redis';
import { jittered, SECOND_MS } from '@pco/shared/time';
import { assertOpen, readItem, recordGone } from './look-at.ts';
import type { Poll } from './poll.ts';
import { readChange } from './read-change.ts';

/** One edit makes several deliveries: the first look is at once, the next so much later. */
const APART_MS = SECOND_MS;

/**
 * Looks at the one work item that a webhook hinted at, under the lease of its project: the same step as for a row that
 * a poll finds changed, over the same snapshot, so that whoever is later finds nothing new.
 *
 * @returns number of tickets triggered, or null when another poller has taken the project over
 * @throws Later when the last look was a moment ago
 */
export async function look(poll: Poll, workItem: string, webhooks: WebhookStore): Promise<number | null> {
  const { polls, projectId } = poll;
  const [cursor, [before = null], isPolled, waitMs] = await Promise.all([
    polls.cursor(projectId),
    polls.seen(projectId, [workItem]),
    webhooks.isPolledSince(projectId, workItem),
    webhooks.beginLook(workItem, APART_MS),
  ]);
  if (cursor === null || isPolled) return 0; // a poll reads, or has read, it with all others
  if (waitMs > 0) throw new Later(waitMs);
  poll.count.total = cursor.total;
  const item = await readItem(poll, workItem);
  if (item === null) {
    if (before === null || before.gone) return 0;
    await assertOpen(poll);
    return (await recordGone(poll, workItem, before, true)) === null ? null : 0;
  }
  if (before && item.updatedUs < before.updatedUs) return 0; // read from a copy of Plane's database that lags behind
  const triggered = await readChange(poll, cursor, item, before);
  return triggered === null ? null : Number(triggered);
}

const BACKOFF_MIN_MS = 100;
const BACKOFF_MAX_MS = 10 * SECOND_MS;

/** Many looks may wait for one busy project or a short budget: the longer one waits, the less often it asks. */
export const lookBackoffMs = (starts: number): number =>
  jittered(Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** (starts - 1)), 0.3);

/**
 * What a look that failed does: an empty budget is waited for, an outage tried again, and anything else left to the
 * next poll, which sees what the look did not.
 *
 * @throws Later, or the error itself for another attempt
 */
export function settleLook(err: unknown, { isLastAttempt, starts, log }: JobContext): void {
  const retryAfterMs = err instanceof AppError ? err.details.retryAfterMs : undefined;
  if (typeof retryAfterMs === 'number') throw new Later(Math.max(retryAfterMs, lookBackoffMs(starts)), { cause: err });
  if (isRetryable(err) && !isLastAttempt) throw err;
  log.warn({ event: 'look.failed', err: messageOf(err) }, 'look failed, the next poll sees what it missed');
}
