import { isCode } from '@pco/shared/errors';
import type { WorkItemRow } from '@pco/shared/plane';
import type { Poll } from './poll.ts';

/**
 * Whether our own account moved the work item to its present state. Two hints: the note that the plane-writer makes
 * before it moves one, and who edited the work item last. Where they disagree (somebody edited it after us, or an
 * agent moved it with our token), Plane's activities tell.
 */
export async function isOwnMove({ polls, plane, projectId, signal }: Poll, row: WorkItemRow, me: string) {
  const isNoted = await polls.isOwnState(row.id, row.state.id);
  const isOurEdit = row.updatedBy === me;
  if (isNoted === isOurEdit) return isNoted;
  const activities = await plane.listActivities(projectId, row.id, { signal }).catch((err: unknown) => {
    if (isCode(err, 'PLANE_NOT_FOUND', 'PLANE_REFUSED')) return []; // gone meanwhile, or an old server
    throw err;
  });
  const last = activities.find(({ field, newIdentifier }) => field === 'state' && newIdentifier === row.state.id);
  return last ? last.actor === me : true;
}
