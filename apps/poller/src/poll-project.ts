import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@pco/shared/time';
import { LARGE_PAGE } from './list-page.ts';
import { itemsWithSession, livingTicket } from './living-ticket.ts';
import { assertOpen, settleDoubt } from './look-at.ts';
import type { Poll } from './poll.ts';
import type { Cursor } from './poll-store.ts';
import { type Feed, readFeed } from './read-feed.ts';
import { compareAll, recordBaseline } from './sweep.ts';

/** Everything is compared so often even when nothing points to a difference. */
const SWEEP_MS = HOUR_MS;
/** And when the number of work items says that one went unseen: at once in a list of one page, less often in long ones. */
const PER_PAGE_MS = 6 * SECOND_MS;
/** A poll so late may have missed more than the feed shows. */
const DOWNTIME_MS = 10 * MINUTE_MS;
const DOWNTIME_INTERVALS = 3;
/** Doubts that no ticket waits for: so many a poll, for their requests are missing elsewhere. */
const DOUBTS_PER_POLL = 10;

/**
 * Reads what changed in a project since the last poll; when nothing did, this is exactly one request. What was seen
 * is remembered only after everything that follows from it is committed.
 *
 * @returns number of tickets triggered, or null when another poller has the project
 */
export async function pollProject(poll: Poll): Promise<number | null> {
  const { polls, projectId } = poll;
  const [cursor, now] = await Promise.all([polls.cursor(projectId), polls.now()]);
  if (cursor === null) return recordBaseline(poll, now);
  poll.count.total = cursor.total;
  const feed = await readFeed(poll, cursor, now);
  if (!feed) return null;
  const settled = await settle(poll, cursor, feed, now);
  return settled === null ? null : feed.triggered + settled;
}

/** What the feed does not show: work items that vanished, or were changed without leaving a trace. */
async function settle(poll: Poll, last: Cursor, feed: Feed, now: number): Promise<number | null> {
  const { polls, sweeps, projectId } = poll;
  const doubts = await sweeps.doubts(projectId);
  const isBegun = (await sweeps.sweep(projectId)) !== null;
  const isTime = now - last.sweptAt >= SWEEP_MS || now - last.polledAt >= downtimeMs(poll);
  // before anything is remembered of an absence
  if (doubts.length > 0 || feed.gap !== 0 || isTime || isBegun) await assertOpen(poll);
  const token = poll.token();
  if (!token || !(await polls.save(projectId, token, new Map(), { ...feed.cursor, gap: last.gap }))) return null;
  let triggered = 0;
  const look = async (ids: readonly string[], areCounted: boolean): Promise<boolean> => {
    for (const id of ids) {
      const found = await settleDoubt(poll, feed.cursor, id, areCounted);
      if (found === null) return false;
      triggered += Number(found);
    }
    return true;
  };
  // an agent at work on what is gone is stopped at once, without the list of everything
  if (feed.gap < 0 && feed.gap !== last.gap) {
    if (!(await look(await itemsWithSession(poll), true))) return null;
    if (!(await polls.save(projectId, token, new Map(), { gap: feed.gap }))) return null;
  }
  const gap = feed.gap + feed.cursor.total - poll.count.total;
  const isDue = isBegun || isTime || (gap !== 0 && now - last.sweptAt >= apartMs(poll));
  if (isDue && (await compareAll(poll, now)) === null) return null;
  const rest = isDue ? await sweeps.doubts(projectId) : doubts;
  return (await look(await firstOf(poll, rest), false)) ? triggered : null;
}

const downtimeMs = ({ config: { plane } }: Poll): number =>
  Math.max(DOWNTIME_MS, DOWNTIME_INTERVALS * Math.max(plane.poll_interval, plane.poll_interval_relaxed) * SECOND_MS);

/** With 10,000 work items, ten pages, a minute between two of them. */
const apartMs = ({ count, largestPage }: Poll): number =>
  PER_PAGE_MS * Math.floor(count.total / Math.min(largestPage.rows, LARGE_PAGE));

/** All of which a ticket is on its way, and a few of the others. */
async function firstOf(poll: Poll, ids: readonly string[]): Promise<string[]> {
  const living = await Promise.all(ids.map((id) => livingTicket(poll, id)));
  const others = ids.filter((_, i) => !living[i]);
  return [...ids.filter((_, i) => living[i]), ...others.slice(0, DOUBTS_PER_POLL)];
}
