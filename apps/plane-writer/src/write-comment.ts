import { type EffectHandler, updateComment, type Work } from '@pco/shared/engine';
import { AppError, isCode } from '@pco/shared/errors';
import { OWN_SOURCE, type PlaneComment } from '@pco/shared/plane';
import { Later } from '@pco/shared/queue';
import { DAY_MS, SECOND_MS } from '@pco/shared/time';
import { readWorkItem, type Writer } from './writer.ts';

/** Longer than any job is retried; the key of a write is never used for another one. */
const BEGUN_MS = 14 * DAY_MS;

/**
 * Posts the summary as a comment, exactly once. The write's key goes along as `external_id`: a repeat is answered
 * with 409 and the comment's id. Plane checks that key before it inserts, not while, so after a lost answer we wait
 * until the server must have finished and look before posting again.
 */
export const createWriteComment =
  (writer: Writer): EffectHandler =>
  async (work) => {
    const { ticket, effect, log, signal } = work;
    const key = effect.key;
    if (!key || ticket.summary === undefined)
      throw new AppError('PAYLOAD_INVALID', { why: 'a comment needs key and summary' });
    const { client, keys } = writer.core.redis;
    const [left] = await Promise.all([client.pttl(keys.writeBegun(key)), readWorkItem(writer, ticket, signal)]);
    const earlier = left < 0 ? undefined : await findEarlier(writer, work, key, left);
    if (earlier) return { commentId: earlier };
    if (!(await work.stillOpen())) return undefined;
    const id = await post(writer, work, key, updateComment(writer.config, ticket, ticket.summary));
    log.info({ event: 'plane.comment-written', commentId: id }, 'comment written');
    return { commentId: id };
  };

async function post({ core, plane }: Writer, { ticket, signal }: Work, key: string, html: string): Promise<string> {
  const { client, keys, replicas } = core.redis;
  const { projectId, uuid } = ticket.workItem;
  const begun = keys.writeBegun(key);
  await replicas.kept(() => client.set(begun, '1', 'PX', BEGUN_MS));
  try {
    const comment = { html, externalSource: OWN_SOURCE, externalId: key };
    const { outcome, id } = await plane.createComment(projectId, uuid, comment, { signal });
    if (outcome === 'created') return id;
    const own = await commentsOfKey(plane, projectId, uuid, key, signal);
    if (own.some((comment) => comment.id === id)) return id;
    throw new AppError('PLANE_CONFLICT', { why: `comment ${id} with our key is on another work item` });
  } catch (err) {
    // an answer that says no also says that nothing was written; anything else may hide a comment
    if (isCode(err, 'PLANE_RATE_LIMITED', 'PLANE_BUDGET_EMPTY', 'PLANE_REFUSED', 'PLANE_UNAUTHORIZED'))
      await client.del(begun);
    throw err;
  }
}

/** After an attempt whose end nobody saw: wait the server out, then look. Of two comments the younger goes. */
async function findEarlier(
  { config, plane }: Writer,
  work: Work,
  key: string,
  left: number,
): Promise<string | undefined> {
  const waitMs = config.plane.lost_answer_wait * SECOND_MS - (BEGUN_MS - left);
  if (waitMs > 0) {
    work.log.info(
      { event: 'plane.comment-unclear', waitMs },
      'an earlier attempt may have written, waiting before looking',
    );
    throw new Later(waitMs);
  }
  const { projectId, uuid } = work.ticket.workItem;
  const found = await commentsOfKey(plane, projectId, uuid, key, work.signal);
  const [oldest, ...younger] = found.toSorted((a, b) => a.createdUs - b.createdUs);
  for (const comment of younger) {
    work.log.warn({ event: 'plane.comment-twice', commentId: comment.id }, 'second comment of one write deleted');
    await plane.deleteComment(projectId, uuid, comment.id, { signal: work.signal }).catch((err: unknown) => {
      if (!isCode(err, 'PLANE_NOT_FOUND')) throw err; // an earlier attempt has deleted it
    });
  }
  return oldest?.id;
}

async function commentsOfKey(
  plane: Writer['plane'],
  projectId: string,
  uuid: string,
  key: string,
  signal: AbortSignal,
): Promise<PlaneComment[]> {
  const found: PlaneComment[] = [];
  let cursor: string | null = null;
  do {
    const page = await plane.listComments(projectId, uuid, { cursor, signal });
    found.push(
      ...page.comments.filter(({ externalSource, externalId }) => externalSource === OWN_SOURCE && externalId === key),
    );
    cursor = page.nextCursor;
  } while (cursor !== null && found.length === 0); // newest first: ours is on the first page but for a very busy item
  return found;
}
