import { badDetail, serverError } from './refusal.ts';
import { expandField, type Json } from './render.ts';
import type { Item } from './rows.ts';
import { GROUPS, PRIORITIES } from './rows.ts';
import { lastActivityUs, type World } from './world.ts';

/** Keeps the wanted top-level fields, then expands what is left. Unknown names are ignored. */
export function project(world: World, row: Json, query: URLSearchParams): Json {
  const fields = listParam(query, 'fields');
  const kept = fields.length > 0 ? Object.fromEntries(Object.entries(row).filter(([k]) => fields.includes(k))) : row;
  for (const key of listParam(query, 'expand')) {
    if (!(key in kept)) continue;
    const expanded = expandField(world, key, kept[key]);
    if (expanded !== undefined) kept[key] = expanded;
  }
  return kept;
}

const listParam = (query: URLSearchParams, name: string): string[] =>
  (query.get(name) ?? '').split(',').filter((part) => part !== '');

/**
 * Plane's envelope over plain offsets: only the page index of a cursor counts, its first number is ignored, and the
 * next cursor is a string even on the last page.
 */
export function paginate<Row>(
  world: World,
  rows: readonly Row[],
  query: URLSearchParams,
  render: (row: Row) => Json,
): Json {
  const size = readPageSize(query, world.settings.maxPerPage);
  const page = readPageIndex(query);
  const results = rows.slice(page * size, (page + 1) * size).map((row) => project(world, render(row), query));
  return {
    grouped_by: null,
    sub_grouped_by: null,
    total_count: rows.length,
    next_cursor: `${size}:${page + 1}:0`,
    prev_cursor: `${size}:${page - 1}:1`,
    next_page_results: (page + 1) * size < rows.length,
    prev_page_results: page > 0,
    count: results.length,
    total_pages: Math.ceil(rows.length / size),
    total_results: rows.length,
    extra_stats: null,
    results,
  };
}

function readPageSize(query: URLSearchParams, max: number): number {
  const given = query.get('per_page');
  if (given === null) return max;
  if (!/^-?\d+$/.test(given)) throw badDetail('Invalid per_page parameter.');
  const size = Number(given);
  if (size > max) throw badDetail(`Invalid per_page value. Cannot exceed ${max}.`);
  if (size < 1) throw serverError();
  return size;
}

function readPageIndex(query: URLSearchParams): number {
  const cursor = query.get('cursor');
  if (!cursor) return 0;
  const match = /^\d+(?:\.\d+)?:(-?\d+):-?\d+$/.exec(cursor);
  if (!match) throw badDetail('Invalid cursor parameter.');
  const page = Number(match[1]);
  if (page < 0) throw badDetail('Error in parsing');
  return page;
}

type Key = string | number | null;

const ITEM_KEYS: Readonly<Record<string, (item: Item, world: World) => Key>> = {
  id: (i) => i.id,
  created_at: (i) => i.createdUs,
  updated_at: (i) => i.updatedUs,
  last_activity_at: (i) => lastActivityUs(i),
  name: (i) => i.name,
  sequence_id: (i) => i.sequence,
  sort_order: (i) => i.sequence,
  start_date: (i) => i.startDate,
  target_date: (i) => i.targetDate,
  completed_at: (i) => i.completedUs,
  priority: (i) => PRIORITIES.indexOf(i.priority),
  state__group: groupRank,
  state__name: groupRank,
  state__sequence: (i, world) => world.states.get(i.stateId)?.sequence ?? null,
  labels__name: (i, world) => world.labels.get(i.labels[0] ?? '')?.name ?? null,
  assignees__first_name: (i, world) => world.users.get(i.assignees[0] ?? '')?.displayName ?? null,
};

/** Both state orders go by group, backlog first. */
function groupRank(item: Item, world: World): Key {
  const group = world.states.get(item.stateId)?.group;
  return group ? GROUPS.indexOf(group) : null;
}

/**
 * All items of a project, whether visible or not. One key only, `-` for descending; an unknown one is a server error,
 * as in Plane. The last order is kept and sorted again: what is nearly sorted takes a sort one pass.
 */
export function orderItems(world: World, projectId: string, orderBy: string): readonly Item[] {
  const descending = orderBy.startsWith('-');
  const keyOf = ITEM_KEYS[descending ? orderBy.slice(1) : orderBy];
  if (!keyOf) throw serverError();
  const sign = descending ? -1 : 1;
  if (keyOf === ITEM_KEYS.last_activity_at && !world.settings.lastActivityAt) throw serverError();
  const place = `${projectId} ${orderBy}`;
  const items = world.listedOrders.get(place) ?? [];
  world.listedOrders.set(place, items);
  // Items are only ever added to a project, at the end; what is not there yet comes first, where the newest belongs.
  const fresh = (world.itemsOf.get(projectId) ?? []).slice(items.length);
  if (fresh.length > 0) items.unshift(...fresh.reverse());
  return items.sort((a, b) => sign * compareKeys(keyOf(a, world), keyOf(b, world)));
}

/** PostgreSQL puts nulls last when ascending, and therefore first when descending. */
function compareKeys(a: Key, b: Key): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}
