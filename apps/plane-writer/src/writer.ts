import type { Config } from '@pco/shared/config';
import type { Ticket } from '@pco/shared/domain';
import type { Core } from '@pco/shared/engine';
import { AppError, isCode } from '@pco/shared/errors';
import type { PlaneClient, WorkItem } from '@pco/shared/plane';

export interface Writer {
  readonly config: Config;
  readonly core: Core;
  readonly plane: PlaneClient;
}

/**
 * The work item of a ticket as Plane has it now. Plane accepts comments on deleted ones, so this is asked first.
 *
 * @throws AppError WORK_ITEM_GONE, or PLANE_REFUSED when all of its project is archived, which may be taken back
 */
export async function readWorkItem({ plane }: Writer, { workItem }: Ticket, signal: AbortSignal): Promise<WorkItem> {
  const { projectId, uuid } = workItem;
  try {
    return await plane.workItem(projectId, uuid, { signal });
  } catch (err) {
    if (!isCode(err, 'PLANE_NOT_FOUND')) throw err;
    const { archivedAt } = await plane.project(projectId, { signal });
    if (archivedAt !== null)
      throw new AppError('PLANE_REFUSED', {
        why: `the project ${workItem.project} is archived: restore it in Plane and retry the ticket, or cancel the ticket`,
      });
    throw new AppError('WORK_ITEM_GONE', { why: 'deleted, archived or moved to triage' }, { cause: err });
  }
}
