import type { WorkItem, WorkItemRow } from '@pco/shared/plane';
import { compare, findClosing, findTrigger } from './find-triggers.ts';
import { type LivingTicket, livingTicket } from './living-ticket.ts';
import { isOwnMove } from './own-moves.ts';
import { type Poll, toSeen, toWorkItem } from './poll.ts';
import type { Cursor, Seen } from './poll-store.ts';
import { readComments } from './read-comments.ts';
import { trigger } from './trigger.ts';

/**
 * One changed work item: a trigger, the end of its ticket, or neither; then a living ticket is kept in step with it.
 * What follows from it is committed, and then remembered.
 *
 * @returns whether a ticket was triggered; null when another poller has taken the project over
 */
export async function readChange(
  poll: Poll,
  last: Cursor,
  row: WorkItemRow | WorkItem,
  before: Seen | null,
): Promise<boolean | null> {
  const { polls, sweeps, projectId, rules } = poll;
  const me = await poll.me();
  const change = compare(rules, before, row, me);
  const followed = await livingTicket(poll, row.id);
  const isMeant = change.passes || followed !== null; // any other costs no request
  const isOwnState = isMeant && change.state !== undefined && (await isOwnMove(poll, row, me));
  const closing = findClosing(rules.triggers, change, isOwnState);
  if (closing && followed) await close(poll, followed, row, before, closing); // comments may wait for the budget
  const comments =
    rules.triggers.comments && isMeant
      ? await readComments(poll, row, me, before?.commentsUs ?? last.baselineUs)
      : undefined;
  const newest = comments?.newest;
  if (change.isNew || (change.state && !isOwnState && row.updatedBy !== me) || newest) poll.foreign.add(row.id);
  const type = findTrigger(rules.triggers, change, { isOwnState, hasNewComment: newest !== undefined });
  const triggered = !closing && type !== undefined && (await trigger(poll, row, { type, before, comment: newest }));
  if (!closing && !triggered && followed) await refresh(poll, row.id, row);
  if (comments) await polls.rememberComments(row.id, comments.fresh);
  const seen = new Map([[row.id, toSeen(rules, row, comments?.readUs ?? before?.commentsUs)]]);
  const isCounted = before !== null && !before.gone;
  const token = poll.token();
  const total = poll.count.total + (isCounted ? 0 : 1);
  if (!token || !(await polls.save(projectId, token, seen, { total }))) return null;
  if (!isCounted) await sweeps.countInSweep(projectId, 1);
  poll.count.total = total;
  // only now: a poll that dies before it has saved sees the change again, and must know once more whose it is
  if (isOwnState) await polls.forgetOwnState(row.id);
  return triggered;
}

/** Somebody at work on a ticket commits often; after so many the next change of the work item brings it in step. */
const REFRESH_TRIES = 5;

/** Somebody has ended the work in Plane: the ticket ends too, and says why. */
async function close({ core }: Poll, { ticket }: LivingTicket, row: WorkItemRow, before: Seen | null, why: string) {
  await core.apply(
    {
      id: `closed-${row.id}-${before?.updatedUs ?? 0}`,
      type: 'work_item.closed',
      ticketId: ticket.id,
      cid: ticket.cid,
      why,
      isThere: true,
    },
    { once: true },
  );
}

/** Keeps what a living ticket says of its work item in step with Plane, also when somebody else changes it just now. */
async function refresh(poll: Poll, workItem: string, row: WorkItemRow): Promise<void> {
  for (let tries = 1; tries <= REFRESH_TRIES; tries += 1) {
    const living = await livingTicket(poll, workItem);
    if (!living) return;
    const { ticket, readAt } = living;
    const answer = await poll.core.apply(
      {
        id: `changed-${row.id}-${row.updatedUs}`,
        type: 'work_item.changed',
        ticketId: ticket.id,
        cid: ticket.cid,
        workItem: toWorkItem(poll, row),
      },
      { readAt },
    );
    if (answer.kind !== 'dropped') return;
  }
}
