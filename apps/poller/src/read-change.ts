import { FINAL, TicketId } from '@pco/shared/domain';
import { isCode } from '@pco/shared/errors';
import type { PlaneComment, WorkItem, WorkItemRow } from '@pco/shared/plane';
import { type Change, findTrigger } from './find-triggers.ts';
import { type Poll, toWorkItem } from './poll.ts';
import type { Cursor, Seen } from './poll-store.ts';

type TriggerType = NonNullable<ReturnType<typeof findTrigger>>;

/** What a look at the comments of a work item brought. */
interface NewComments {
  /** Ids that no poll has seen; remembered after what follows from them is committed. */
  readonly fresh: readonly string[];
  /** The newest of them that somebody else wrote. */
  readonly newest: PlaneComment | undefined;
}

/**
 * One changed work item: is the change a trigger? If not, a living ticket is kept in step with it.
 *
 * @returns whether a ticket was triggered, and whether the change is our own
 */
export async function readChange(
  poll: Poll,
  last: Cursor,
  row: WorkItemRow | WorkItem,
  before: Seen | null,
): Promise<{ triggered: boolean; isOwnState: boolean }> {
  const { polls, triggers } = poll;
  const state = before && before.stateId !== row.state.id ? { from: before.stateName, to: row.state.name } : undefined;
  const isOwnState = state !== undefined && (await polls.isOwnState(row.id, row.state.id));
  const comments = triggers.comments ? await readComments(poll, last, row) : { fresh: [], newest: undefined };
  const change: Change = {
    isNew: before === null,
    group: row.state.group,
    state,
    isOwnState,
    hasNewComment: comments.newest !== undefined,
  };
  if (change.isNew || (state && !isOwnState) || change.hasNewComment) poll.foreign.add(row.id);
  const type = findTrigger(triggers, change);
  const triggered = type !== undefined && (await trigger(poll, row, type, comments.newest));
  if (!triggered) await refresh(poll, row);
  await polls.rememberComments(row.id, comments.fresh);
  return { triggered, isOwnState };
}

/** Newest first; older pages only while there are comments that nobody has seen. */
async function readComments(poll: Poll, last: Cursor, row: WorkItemRow): Promise<NewComments> {
  const { polls, plane, projectId } = poll;
  const me = await poll.me();
  const fresh: string[] = [];
  const known = await polls.countKnownComments(row.id);
  let newest: PlaneComment | undefined;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof plane.listComments>> = await plane.listComments(projectId, row.id, {
      cursor,
    });
    const unknown = await polls.unknownComments(
      row.id,
      page.comments.map(({ id }) => id),
    );
    fresh.push(...unknown);
    newest ??= page.comments.find((comment) => unknown.has(comment.id) && isForeign(comment, me, last));
    cursor = known + fresh.length < page.totalCount ? page.nextCursor : null;
  } while (cursor !== null);
  return { fresh, newest };
}

/** `actor` cannot be forged, unlike `created_by`. What was there before we first looked is no news. */
const isForeign = ({ actor, createdUs }: PlaneComment, me: string, last: Cursor): boolean =>
  actor !== me && createdUs > last.baselineUs;

/** @returns whether the work item became, or refreshed, a ticket */
export async function trigger(
  poll: Poll,
  row: WorkItemRow | WorkItem,
  type: TriggerType,
  comment?: PlaneComment,
): Promise<boolean> {
  const { core, log, identifier } = poll;
  // the id of a ticket stays when its project is renamed
  const ticketId = (await core.store.ticketOf(row.id)) ?? `${identifier}-${row.sequenceId}`;
  if (!TicketId.safeParse(ticketId).success || row.sequenceId < 1) {
    log.warn({ event: 'poll.bad-key', ticketId, workItem: row.id }, 'work item has no usable key and is left out');
    return false;
  }
  const item = 'descriptionHtml' in row ? row : await readItem(poll, row.id);
  if (!item) return false;
  const by = (type === 'comment_added' ? comment?.actor : row.updatedBy) ?? undefined;
  const answer = await core.apply(
    {
      id: type === 'comment_added' && comment ? `comment-${comment.id}` : `poll-${row.id}-${row.updatedUs}-${type}`,
      type: 'trigger.seen',
      ticketId,
      cid: crypto.randomUUID(),
      workItem: toWorkItem(poll, row),
      trigger: { type, ...(by ? { by } : {}), ...(comment ? { commentId: comment.id } : {}) },
      description: item.descriptionHtml,
    },
    { once: true },
  );
  if (answer.kind === 'taken')
    log.warn({ event: 'poll.taken', ticketId, by: answer.ticketId }, 'work item belongs to another ticket');
  return answer.kind === 'changed' || answer.kind === 'seen';
}

const readItem = ({ plane, projectId }: Poll, id: string): Promise<WorkItem | null> =>
  plane.workItem(projectId, id).catch((err: unknown) => {
    if (isCode(err, 'PLANE_NOT_FOUND')) return null; // gone between the list and now
    throw err;
  });

/** Keeps what a living ticket says of its work item in step with Plane. */
async function refresh({ core, ...poll }: Poll, row: WorkItemRow): Promise<void> {
  const ticketId = await core.store.ticketOf(row.id);
  if (ticketId === null) return;
  const readAt = await core.store.load(ticketId);
  if (!readAt.ticket || FINAL.has(readAt.ticket.status)) return;
  await core.apply(
    {
      id: `changed-${row.id}-${row.updatedUs}`,
      type: 'work_item.changed',
      ticketId,
      cid: readAt.ticket.cid,
      workItem: toWorkItem({ core, ...poll }, row),
    },
    { readAt },
  );
}
