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
 * @throws AppError WORK_ITEM_GONE
 */
export async function readWorkItem({ plane }: Writer, { workItem }: Ticket, signal: AbortSignal): Promise<WorkItem> {
  try {
    return await plane.workItem(workItem.projectId, workItem.uuid, { signal });
  } catch (err) {
    if (!isCode(err, 'PLANE_NOT_FOUND')) throw err;
    throw new AppError('WORK_ITEM_GONE', { why: 'deleted, archived or moved to triage' }, { cause: err });
  }
}
