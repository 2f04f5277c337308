import { AppError, isCode } from '@pco/shared/errors';
import type { WorkItem } from '@pco/shared/plane';
import { livingTicket } from './living-ticket.ts';
import type { Poll } from './poll.ts';
import type { Cursor, Seen } from './poll-store.ts';
import { readChange } from './read-change.ts';

/** The work item as Plane has it now; null when it is deleted, archived, or not in the project any more. */
export const readItem = ({ plane, projectId, rules, signal }: Poll, id: string): Promise<WorkItem | null> =>
  plane.workItem(projectId, id, { expand: rules.expand, signal }).catch((err: unknown) => {
    if (isCode(err, 'PLANE_NOT_FOUND')) return null;
    throw err;
  });

/**
 * An archived project answers as if it were empty and its work items gone. They are not. (One that our account has
 * left answers with 403.)
 *
 * @throws AppError PLANE_PROJECT_CLOSED
 */
export async function assertOpen({ plane, projectId, signal }: Poll): Promise<void> {
  const { archivedAt, identifier } = await plane.project(projectId, { signal });
  if (archivedAt === null) return;
  const why = `${identifier} is archived; restore it in Plane, or take it out of plane.project_ids`;
  throw new AppError('PLANE_PROJECT_CLOSED', { why });
}

/**
 * A work item is gone, in a project that is open: its ticket ends. Null when another poller has taken over.
 *
 * @param isCounted whether the number of work items still has it
 */
export async function recordGone(
  poll: Poll,
  id: string,
  before: Seen | null,
  isCounted: boolean,
): Promise<true | null> {
  const { core, polls, sweeps, projectId, log, identifier } = poll;
  const followed = await livingTicket(poll, id);
  if (followed) {
    const { id: ticketId, cid } = followed.ticket;
    const event = { id: `closed-${id}`, type: 'work_item.closed' as const, ticketId, cid };
    await core.apply({ ...event, why: 'deleted or archived in Plane' });
    log.info({ event: 'poll.gone', project: identifier, ticketId }, 'work item is gone');
  }
  const token = poll.token();
  if (!token) return null;
  const isKnown = before !== null && !before.gone;
  const seen = new Map(isKnown ? [[id, { ...before, gone: true as const }]] : []);
  const total = poll.count.total - (isKnown && isCounted ? 1 : 0);
  if (!(await polls.save(projectId, token, seen, { total }))) return null;
  if (total !== poll.count.total) await sweeps.countInSweep(projectId, -1);
  poll.count.total = total;
  await sweeps.settle(projectId, id);
  return true;
}

/**
 * Looks at one work item of which nobody knows whether it is there.
 *
 * @param isCounted whether the number of work items has it
 * @returns whether a ticket was triggered; null when another poller has taken over
 */
export async function settleDoubt(poll: Poll, last: Cursor, id: string, isCounted: boolean): Promise<boolean | null> {
  const { polls, sweeps, projectId } = poll;
  const [before = null] = await polls.seen(projectId, [id]);
  const item = await readItem(poll, id);
  if (!item) return (await recordGone(poll, id, before, isCounted)) && false;
  const isChanged = before?.updatedUs !== item.updatedUs || before.gone === true;
  const triggered = isChanged ? await readChange(poll, last, item, before) : false;
  if (triggered !== null) await sweeps.settle(projectId, id);
  return triggered;
}
