import { addLink, deleteLink } from '../actions.ts';
import { nullableTextOf, requiredText } from '../body.ts';
import { paginate, project } from '../listing.ts';
import { badField, integrity, notFound, Refusal } from '../refusal.ts';
import { renderActivity, renderLink } from '../render.ts';
import { created, gone, ok, type ProjectCall, projectRoute, type Route } from '../route.ts';
import type { Item, Link } from '../rows.ts';
import { isVisible, linksOf } from '../world.ts';

/** Links and the read-only activities: both hang below one item. */
export const LINK_ROUTES: readonly Route[] = [
  projectRoute('/{items}/:item/links/', { GET: list, POST: create }),
  projectRoute('/{items}/:item/links/:link/', { GET: detail, DELETE: remove }),
  projectRoute('/{items}/:item/activities/', { GET: activities }),
];

function list(call: ProjectCall) {
  const { world, query } = call;
  const item = visibleItem(call);
  const links = item ? linksOf(world, item.id).sort((a, b) => b.createdUs - a.createdUs) : [];
  return ok(paginate(world, links, query, (link) => renderLink(world, link)));
}

/** The same address twice on one item is a plain 400, compared as text. */
function create(call: ProjectCall) {
  const { world, body, params, user } = call;
  const title = nullableTextOf(body, 'title', { max: 255 }) ?? null;
  const url = requiredText(body, 'url');
  if (!isHttpUrl(url)) throw badField('url', 'Invalid URL format.');
  const item = world.items.get(params.item ?? '');
  if (!item || item.projectId !== call.project.id) throw integrity();
  if (linksOf(world, item.id).some((link) => link.url === url)) {
    throw new Refusal(400, { error: 'URL already exists for this Issue' });
  }
  return created(renderLink(world, addLink(call, item, { url, title }, user.id)));
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function detail(call: ProjectCall) {
  return ok(project(call.world, renderLink(call.world, findLink(call)), call.query));
}

function remove(call: ProjectCall) {
  deleteLink(call, findLink(call), call.user.id);
  return gone;
}

function findLink({ world, params }: ProjectCall): Link {
  const link = world.links.get(params.link ?? '');
  if (!link || link.deletedUs !== null || link.itemId !== params.item) throw notFound();
  return link;
}

function visibleItem({ world, params, project: owner }: ProjectCall): Item | undefined {
  const item = world.items.get(params.item ?? '');
  return item && owner.archivedUs === null && item.projectId === owner.id && isVisible(world, item) ? item : undefined;
}

/** Oldest first unless asked otherwise; comments never show up here. */
function activities(call: ProjectCall) {
  const { world, query } = call;
  const item = visibleItem(call);
  const rows = item ? [...(world.activitiesOf.get(item.id) ?? [])] : [];
  if (query.get('order_by') === '-created_at') rows.reverse();
  return ok(paginate(world, rows, query, (row) => renderActivity(world, row)));
}
