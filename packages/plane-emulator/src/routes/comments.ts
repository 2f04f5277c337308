import { addComment, type CommentFields, deleteComment, editComment, externalHolder } from '../actions.ts';
import { type Body, choiceOf, nullableTextOf, textOf } from '../body.ts';
import { parseTime } from '../clock.ts';
import { paginate, project } from '../listing.ts';
import { conflict, integrity, notFound } from '../refusal.ts';
import { renderComment } from '../render.ts';
import { created, gone, ok, type ProjectCall, projectRoute, type Route } from '../route.ts';
import type { Comment } from '../rows.ts';
import { isSettled, type World } from '../world.ts';

/** Guests may write here, and anybody may edit or delete anybody's comment. */
export const COMMENT_ROUTES: readonly Route[] = [
  projectRoute('/{items}/:item/comments/', { GET: list, POST: create }, true),
  projectRoute('/{items}/:item/comments/:comment/', { GET: detail, PATCH: patch, DELETE: remove }, true),
];

const DUPLICATE = 'Work item comment with the same external id and external source already exists';

/** An unknown or deleted item has an empty list, not a 404. */
function list(call: ProjectCall) {
  const { world, params, query } = call;
  const item = world.items.get(params.item ?? '');
  const hidden = !item || item.deletedUs !== null || call.project.archivedUs !== null;
  const comments = hidden ? [] : (world.commentsOf.get(item.id) ?? []).filter((c) => c.deletedUs === null);
  comments.sort((a, b) => b.createdUs - a.createdUs);
  return ok(paginate(world, comments, query, (comment) => renderComment(world, comment, true)));
}

function detail(call: ProjectCall) {
  return ok(project(call.world, renderComment(call.world, findComment(call), true), call.query));
}

/** A comment on a deleted or archived item is accepted and stays invisible; only an unknown item is refused. */
function create(call: ProjectCall) {
  const { world, body, params } = call;
  const holder = externalHolder(world, call.project.id, {
    externalSource: asText(body.external_source),
    externalId: asText(body.external_id),
  });
  // Plane looks for the pair before it looks at the body, in the whole project.
  if (holder && isSettled(world, holder) && !call.skipDuplicateCheck) throw conflict(DUPLICATE, holder.id);
  const fields = readFields(body);
  const item = world.items.get(params.item ?? '');
  if (!item) throw integrity();
  const comment = addComment(call, item, fields, call.user.id);
  const answer = created(renderComment(world, comment, false));
  overrideAfterAnswer(world, comment, body);
  return answer;
}

/** API clients may back-date a comment and name another creator; the actor stays the key's user. */
function overrideAfterAnswer(world: World, comment: Comment, body: Body): void {
  const createdUs = typeof body.created_at === 'string' ? parseTime(body.created_at) : undefined;
  if (createdUs !== undefined) comment.createdUs = createdUs;
  if (typeof body.created_by === 'string' && world.users.has(body.created_by)) comment.createdBy = body.created_by;
}

function patch(call: ProjectCall) {
  const { world, body } = call;
  const comment = findComment(call);
  const fields = readFields(body);
  const holder = externalHolder(world, call.project.id, { ...comment, ...fields });
  if (holder && holder !== comment) throw conflict(DUPLICATE, comment.id);
  editComment(call, comment, fields, call.user.id);
  return ok(renderComment(world, comment, false));
}

function remove(call: ProjectCall) {
  deleteComment(call, findComment(call));
  return gone;
}

function findComment({ world, params, project: owner }: ProjectCall): Comment {
  const comment = world.comments.get(params.comment ?? '');
  if (!comment || comment.deletedUs !== null || comment.itemId !== params.item) throw notFound();
  const item = world.items.get(comment.itemId);
  if (comment.projectId !== owner.id || owner.archivedUs !== null || item?.deletedUs !== null) throw notFound();
  return comment;
}

const asText = (value: unknown): string | null => (value === undefined || value === null ? null : String(value));

/** The HTML is stored as sent. `""` is fine, `null` and NUL characters are not. */
function readFields(body: Body): CommentFields {
  const html = textOf(body, 'comment_html', { blank: true, trim: false });
  const access = choiceOf(body, 'access', ['INTERNAL', 'EXTERNAL']);
  const externalSource = nullableTextOf(body, 'external_source', { max: 255 });
  const externalId = nullableTextOf(body, 'external_id', { max: 255 });
  return {
    ...(html === undefined ? {} : { html }),
    ...(access === undefined ? {} : { access }),
    ...(externalSource === undefined ? {} : { externalSource }),
    ...(externalId === undefined ? {} : { externalId }),
  };
}
