import { createItem, deleteItem, type ItemFields, itemWithExternal, updateItem } from '../actions.ts';
import { type Body, choiceOf, dateOf, idOf, idsOf, integerOf, nullableTextOf, requiredText, textOf } from '../body.ts';
import { parseTime } from '../clock.ts';
import { orderItems, paginate, project } from '../listing.ts';
import { badTogether, conflict, forbidden, notFound, Refusal, serverError } from '../refusal.ts';
import { renderItem } from '../render.ts';
import { type Call, created, gone, ok, type ProjectCall, projectRoute, type Route, workspaceRoute } from '../route.ts';
import { type Item, PRIORITIES } from '../rows.ts';
import { sanitizeDescription } from '../sanitize.ts';
import { isSettled, isVisible, type World } from '../world.ts';

export const WORK_ITEM_ROUTES: readonly Route[] = [
  projectRoute('/{items}/', { GET: list, POST: create }),
  projectRoute('/{items}/:item/', { GET: detail, PATCH: patch, DELETE: remove }),
  workspaceRoute('/{items}/search/', { GET: search }),
  workspaceRoute('/{items}/:identifier-:sequence/', { GET: byKey }),
];

const shown = (call: Call, item: Item) => project(call.world, renderItem(call.world, item), call.query);

function list(call: ProjectCall) {
  const { world, query } = call;
  const [source, id] = [query.get('external_source'), query.get('external_id')];
  if (source && id) return lookUp(call, itemWithExternal(world, call.project.id, source, id));
  const ordered = orderItems(world, call.project.id, query.get('order_by') ?? '-created_at');
  // An archived project has an empty list, not an error.
  const items = call.project.archivedUs === null ? ordered.filter((item) => isVisible(world, item)) : [];
  return ok(paginate(world, items, query, (item) => renderItem(world, item)));
}

/** With both external parts the list answers one plain object. Several rows are a server error, as in Plane. */
function lookUp(call: ProjectCall, found: Item[]) {
  const [item, second] = found;
  if (second) throw serverError();
  if (!item) throw notFound();
  return ok(shown(call, item));
}

function detail(call: ProjectCall) {
  const item = findItem(call);
  if (!isVisible(call.world, item) || call.project.archivedUs !== null) throw notFound();
  return ok(shown(call, item));
}

/** PATCH and DELETE reach archived and draft items too; only deleted ones are gone. */
function findItem({ world, project: owner, params }: ProjectCall): Item {
  const item = world.items.get(params.item ?? '');
  if (!item || item.deletedUs !== null || item.projectId !== owner.id) throw notFound();
  return item;
}

function create(call: ProjectCall) {
  const { world, body, user } = call;
  const fields = { ...readFields(call, null), name: requiredText(body, 'name', { max: 255 }) };
  const [holder] = itemWithExternal(world, call.project.id, fields.externalSource, fields.externalId);
  if (holder && isSettled(world, holder) && !call.skipDuplicateCheck) {
    throw conflict('Issue with the same external id and external source already exists', holder.id);
  }
  const item = createItem(call, call.project, fields, user.id);
  const answer = created(renderItem(world, item));
  overrideAfterAnswer(world, item, body);
  return answer;
}

/** Plane renders the answer first and then rewrites these columns, so the stored times are younger than the answer's. */
function overrideAfterAnswer(world: World, item: Item, body: Body): void {
  item.createdUs = world.clock.later(500);
  item.updatedUs = world.clock.now();
  const createdUs = typeof body.created_at === 'string' ? parseTime(body.created_at) : undefined;
  if (createdUs !== undefined) item.createdUs = createdUs;
  if (typeof body.created_by === 'string' && world.users.has(body.created_by)) item.createdBy = body.created_by;
}

function patch(call: ProjectCall) {
  const item = findItem(call);
  const fields = readFields(call, item);
  const source = fields.externalSource === undefined ? item.externalSource : fields.externalSource;
  const externalId = fields.externalId === undefined ? item.externalId : fields.externalId;
  const holders = itemWithExternal(call.world, call.project.id, source, externalId);
  // The id in this answer is that of the item being patched, not that of the holder.
  if (fields.externalId && holders.some((holder) => holder !== item)) {
    throw conflict('Issue with the same external id and external source already exists', item.id);
  }
  updateItem(call, call.project, item, fields, call.user.id);
  return ok(renderItem(call.world, item));
}

/** Only these keys count; the web interface's `state_id`, `label_ids` … are silently ignored. */
function readFields({ world, project: owner, body }: ProjectCall, item: Item | null): ItemFields {
  const html = textOf(body, 'description_html', { trim: false });
  const startDate = dateOf(body, 'start_date');
  const targetDate = dateOf(body, 'target_date');
  const start = startDate === undefined ? item?.startDate : startDate;
  const target = targetDate === undefined ? item?.targetDate : targetDate;
  if (start && target && start > target) throw badTogether('Start date cannot exceed target date');
  return withoutUndefined({
    name: textOf(body, 'name', { max: 255 }),
    descriptionHtml: html === undefined ? undefined : sanitizeDescription(html),
    priority: choiceOf(body, 'priority', PRIORITIES),
    stateId: readState(world, owner.id, body),
    assignees: idsOf(body, 'assignees', (id) => world.users.has(id)),
    labels: idsOf(body, 'labels', (id) => world.labels.get(id)?.deletedUs === null),
    parentId: idOf(body, 'parent', (id) => world.items.get(id)?.projectId === owner.id),
    startDate,
    targetDate,
    point: integerOf(body, 'point', 0, 12),
    externalSource: nullableTextOf(body, 'external_source', { max: 255 }),
    externalId: nullableTextOf(body, 'external_id', { max: 255 }),
  });
}

function readState(world: World, projectId: string, body: Body): string | null | undefined {
  const id = idOf(body, 'state', (given) => world.states.get(given)?.deletedUs === null);
  if (id && world.states.get(id)?.projectId !== projectId) {
    throw badTogether('State is not valid please pass a valid state_id');
  }
  return id;
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Absent keys must stay absent: the row is changed by Object.assign. */
function withoutUndefined<T extends object>(given: T): Given<T> {
  // Object.fromEntries loses the key types; only entries were removed.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given<T>;
}

function remove(call: ProjectCall) {
  const item = findItem(call);
  if (call.role < 20 && item.createdBy !== call.user.id) {
    throw new Refusal(403, { error: 'Only admin or creator can delete the work item' });
  }
  deleteItem(call, item);
  return gone;
}

/** A wrong identifier is a missing permission, an unknown number a 404, a non-number a server error. */
function byKey(call: Call) {
  const { world, params, user } = call;
  const owner = [...world.projects.values()].find((p) => p.identifier === params.identifier);
  if (!owner || owner.members[user.id] === undefined) throw forbidden();
  if (!/^\d+$/.test(params.sequence ?? '')) throw serverError();
  const sequence = Number(params.sequence);
  const item = world.itemsOf.get(owner.id)?.find((i) => i.sequence === sequence);
  if (!item || !isVisible(world, item) || owner.archivedUs !== null) throw notFound();
  return ok(shown(call, item));
}

function search(call: Call) {
  const { world, query, user } = call;
  const text = (query.get('search') ?? '').toLowerCase();
  const limit = Number(query.get('limit') ?? '10');
  if (!Number.isInteger(limit)) throw serverError();
  if (text === '') return ok({ issues: [] });
  const numbers = new Set((text.match(/\b\d+\b/g) ?? []).map(Number));
  const found = [...world.items.values()].filter((item) => {
    const owner = world.projects.get(item.projectId);
    if (!owner || owner.members[user.id] === undefined || !isVisible(world, item)) return false;
    if (query.get('project_id') && query.get('project_id') !== owner.id) return false;
    const names = [item.name, owner.identifier].some((name) => name.toLowerCase().includes(text));
    return names || numbers.has(item.sequence);
  });
  return ok({ issues: found.slice(0, limit).map((item) => searchRow(world, item)) });
}

const searchRow = (world: World, item: Item) => ({
  name: item.name,
  id: item.id,
  sequence_id: item.sequence,
  project__identifier: world.projects.get(item.projectId)?.identifier,
  project_id: item.projectId,
  workspace__slug: world.slug,
});
