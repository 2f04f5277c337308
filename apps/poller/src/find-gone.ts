import { FINAL, STATUSES, type Ticket } from '@pco/shared/domain';
import { isCode } from '@pco/shared/errors';
import type { Poll } from './poll.ts';

const LIVING = STATUSES.filter((status) => !FINAL.has(status));

/**
 * Fewer items than there should be: those that tickets live on are asked for, one by one. Only a 404 means gone.
 *
 * @param only the one work item that is missing, when it is known which
 */
export async function findGone(poll: Poll, only?: string): Promise<void> {
  const { core, plane, projectId, log } = poll;
  if ((await plane.project(projectId)).archivedAt !== null) {
    log.warn(
      { event: 'poll.archived', project: poll.identifier },
      'project is archived; its tickets are left as they are',
    );
    return;
  }
  const tickets: Ticket[] = (await Promise.all(LIVING.map((status) => core.store.list(status)))).flat();
  for (const { id, cid, workItem } of tickets.filter((ticket) => ticket.workItem.projectId === projectId)) {
    if (only !== undefined && workItem.uuid !== only) continue;
    const isThere = await plane.workItem(projectId, workItem.uuid).then(
      () => true,
      (err: unknown) => {
        if (isCode(err, 'PLANE_NOT_FOUND')) return false;
        throw err;
      },
    );
    if (!isThere)
      await core.apply({
        id: `closed-${workItem.uuid}`,
        type: 'work_item.closed',
        ticketId: id,
        cid,
        why: 'deleted or archived in Plane',
      });
  }
}
