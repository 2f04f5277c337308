import { TicketId } from '@pco/shared/domain';
import { isCode } from '@pco/shared/errors';
import type { PlaneComment, WorkItem, WorkItemRow } from '@pco/shared/plane';
import { approve, settleApproval } from './auto-approval.ts';
import type { FoundTrigger } from './find-triggers.ts';
import { type Poll, toWorkItem } from './poll.ts';
import type { Seen } from './poll-store.ts';

export interface Found {
  readonly type: FoundTrigger;
  /** What the look before had seen: a repetition after a crash compares with the same, and so has the same id. */
  readonly before: Seen | null;
  readonly comment?: PlaneComment | undefined;
}

/** @returns whether the work item became, or refreshed, a ticket */
export async function trigger(poll: Poll, row: WorkItemRow | WorkItem, found: Found): Promise<boolean> {
  const { core, log, identifier } = poll;
  const { type, before, comment } = found;
  // the id of a ticket stays when its project is renamed
  const ticketId = (await core.store.ticketOf(row.id)) ?? `${identifier}-${row.sequenceId}`;
  if (!TicketId.safeParse(ticketId).success || row.sequenceId < 1) {
    log.warn({ event: 'poll.bad-key', ticketId, workItem: row.id }, 'work item has no usable key and is left out');
    return false;
  }
  const item = 'descriptionHtml' in row ? row : await readItem(poll, row.id);
  if (!item) return false;
  const isComment = type === 'comment_added' && comment !== undefined;
  const id = isComment ? `comment-${comment.id}` : `poll-${row.id}-${before?.updatedUs ?? 0}-${type}`;
  const by = (isComment ? comment.actor : (row.updatedBy ?? row.createdBy)) ?? undefined;
  const isAutoApproved = await approve(poll, row, ticketId, id);
  const answer = await core.apply(
    {
      id,
      type: 'trigger.seen',
      ticketId,
      cid: poll.cid ?? crypto.randomUUID(),
      workItem: toWorkItem(poll, row),
      trigger: { type, ...(by ? { by } : {}), ...(comment ? { commentId: comment.id } : {}) },
      description: item.descriptionHtml,
      ...(isAutoApproved ? { isAutoApproved } : {}),
    },
    { once: true },
  );
  if (isAutoApproved) await settleApproval(poll, id, answer);
  if (answer.kind === 'taken')
    log.warn({ event: 'poll.taken', ticketId, by: answer.ticketId }, 'work item belongs to another ticket');
  return answer.kind === 'changed' || answer.kind === 'seen';
}

const readItem = ({ plane, projectId, signal }: Poll, id: string): Promise<WorkItem | null> =>
  plane.workItem(projectId, id, { signal }).catch((err: unknown) => {
    if (isCode(err, 'PLANE_NOT_FOUND')) return null; // gone between the list and now
    throw err;
  });
