import { OWN_SOURCE, type PlaneComment, type WorkItemRow } from '@pco/shared/plane';
import type { Poll } from './poll.ts';

/** What a look at the comments of a work item brought. */
export interface NewComments {
  /** Ids that no look has seen; remembered after what follows from them is committed. */
  readonly fresh: readonly string[];
  /** The newest of them that somebody else wrote. */
  readonly newest: PlaneComment | undefined;
  /** Comments written until then are known from now on. */
  readonly readUs: number;
}

/**
 * New are comments with ids that were never seen: imported ones may have any date. Only the first look at a work item
 * has nothing to compare with; there the date decides.
 *
 * @param knownUs comments written until then are no news at the first look
 */
export async function readComments(poll: Poll, row: WorkItemRow, me: string, knownUs: number): Promise<NewComments> {
  const { polls, plane, projectId, signal } = poll;
  const { ids, wereRead } = await polls.knownComments(row.id);
  const fresh: string[] = [];
  let newest: PlaneComment | undefined;
  let readUs = row.updatedUs;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof plane.listComments>> = await plane.listComments(projectId, row.id, {
      cursor,
      signal,
    });
    const unknown = page.comments.filter(({ id }) => !ids.has(id));
    fresh.push(...unknown.map(({ id }) => id));
    newest ??= unknown.find((comment) => isForeign(comment, me) && (wereRead || comment.createdUs > knownUs));
    for (const { createdUs } of page.comments) readUs = Math.max(readUs, createdUs);
    // newest first, but deleted ones are still among the known: a page without any known one says nothing of the next
    const isMore = unknown.length === page.comments.length || ids.size + fresh.length < page.totalCount;
    cursor = isMore ? page.nextCursor : null;
  } while (cursor !== null);
  return { fresh, newest, readUs };
}

/** `actor` cannot be forged, unlike `created_by`; our mark also tells the comments of another installation of ours. */
const isForeign = ({ actor, externalSource }: PlaneComment, me: string): boolean =>
  actor !== me && externalSource !== OWN_SOURCE;
