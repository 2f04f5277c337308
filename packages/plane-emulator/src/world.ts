import { type Clock, createClock } from './clock.ts';
import type { Activity, ApiKey, Comment, Item, Label, Link, Project, Snapshot, State, User, Webhook } from './rows.ts';
import { changeSettings, DEFAULT_SETTINGS, type Settings, type SettingsChange } from './settings.ts';

/** The fake database of one workspace. Rows are plain mutable objects; `actions.ts` is what changes them. */
export interface World {
  readonly clock: Clock;
  readonly slug: string;
  workspaceId: string;
  readonly settings: Settings;
  readonly users: Map<string, User>;
  readonly keys: Map<string, ApiKey>;
  readonly projects: Map<string, Project>;
  readonly states: Map<string, State>;
  readonly labels: Map<string, Label>;
  readonly items: Map<string, Item>;
  readonly itemsOf: Map<string, Item[]>;
  readonly comments: Map<string, Comment>;
  readonly commentsOf: Map<string, Comment[]>;
  readonly links: Map<string, Link>;
  readonly activitiesOf: Map<string, Activity[]>;
  readonly webhooks: Map<string, Webhook>;
  /** Items as they were last listed, by project and order: sorting what is nearly in order costs next to nothing. */
  readonly listedOrders: Map<string, Item[]>;
  /** Comments by project, external source and external id: the only look-up that would otherwise scan a project. */
  readonly commentsByExternal: Map<string, Comment[]>;
  /** Told after every change; the state file is written from here. */
  onChange: () => void;
}

export function createWorld(slug: string, settings: SettingsChange = {}): World {
  const known = changeSettings({ ...DEFAULT_SETTINGS }, settings);
  return {
    clock: createClock(() => known.clockStepUs),
    slug,
    workspaceId: crypto.randomUUID(),
    settings: known,
    users: new Map(),
    keys: new Map(),
    projects: new Map(),
    states: new Map(),
    labels: new Map(),
    items: new Map(),
    itemsOf: new Map(),
    comments: new Map(),
    commentsOf: new Map(),
    links: new Map(),
    activitiesOf: new Map(),
    webhooks: new Map(),
    listedOrders: new Map(),
    commentsByExternal: new Map(),
    onChange: () => {},
  };
}

export function insertItem(world: World, item: Item): void {
  world.items.set(item.id, item);
  push(world.itemsOf, item.projectId, item);
}

export function insertComment(world: World, comment: Comment): void {
  world.comments.set(comment.id, comment);
  push(world.commentsOf, comment.itemId, comment);
  indexExternal(world, comment);
}

/** Called again when a comment gets another external id; old entries are harmless, look-ups compare. */
export function indexExternal(world: World, comment: Comment): void {
  const key = externalKey(comment.projectId, comment.externalSource, comment.externalId);
  if (key && !world.commentsByExternal.get(key)?.includes(comment)) push(world.commentsByExternal, key, comment);
}

export function commentWithExternal(
  world: World,
  projectId: string,
  source: string | null,
  id: string | null,
): Comment | undefined {
  const key = externalKey(projectId, source, id);
  const found = key ? world.commentsByExternal.get(key) : undefined;
  return found?.find((c) => c.deletedUs === null && c.externalSource === source && c.externalId === id);
}

/** Both parts are needed: with only one of them Plane checks nothing. */
const externalKey = (projectId: string, source: string | null, id: string | null): string | undefined =>
  source && id ? JSON.stringify([projectId, source, id]) : undefined;

export function insertActivity(world: World, activity: Activity): void {
  push(world.activitiesOf, activity.itemId, activity);
}

function push<T>(map: Map<string, T[]>, key: string, row: T): void {
  const list = map.get(key);
  if (list) list.push(row);
  else map.set(key, [row]);
}

export const statesOf = (world: World, projectId: string): State[] =>
  [...world.states.values()]
    .filter((s) => s.projectId === projectId && s.deletedUs === null)
    .sort((a, b) => a.sequence - b.sequence);

export const labelsOf = (world: World, projectId: string): Label[] =>
  [...world.labels.values()].filter((l) => l.projectId === projectId && l.deletedUs === null);

export const linksOf = (world: World, itemId: string): Link[] =>
  [...world.links.values()].filter((l) => l.itemId === itemId && l.deletedUs === null);

/** What lists show and what can be read by id: not deleted, archived, draft or in triage. */
export const isVisible = (world: World, item: Item): boolean =>
  item.deletedUs === null &&
  item.archivedOn === null &&
  !item.isDraft &&
  world.states.get(item.stateId)?.group !== 'triage';

/** What the worker does to an item: in the cloud's variant it leaves `updated_at` alone. */
export function bumpItem(world: World, item: Item): void {
  item.activityUs = world.clock.now();
  if (!world.settings.lastActivityAt) item.updatedUs = item.activityUs;
}

/** An edit is activity as well. */
export const lastActivityUs = (item: Item): number => Math.max(item.activityUs ?? 0, item.updatedUs);

/** Whether a row is too old for a request that races with the one that made it. */
export const isSettled = (world: World, row: { createdUs: number }): boolean =>
  world.settings.duplicateWindowMs === 0 ||
  row.createdUs + world.settings.duplicateWindowMs * 1_000 <= Date.now() * 1_000;

export const userName = (world: World, id: string | null): string =>
  (id && world.users.get(id)?.displayName) || 'unknown';

export function takeSnapshot(world: World): Snapshot {
  return {
    version: 1,
    workspaceId: world.workspaceId,
    users: [...world.users.values()],
    keys: [...world.keys.values()],
    projects: [...world.projects.values()],
    states: [...world.states.values()],
    labels: [...world.labels.values()],
    items: [...world.items.values()],
    comments: [...world.comments.values()],
    links: [...world.links.values()],
    activities: [...world.activitiesOf.values()].flat(),
    webhooks: [...world.webhooks.values()],
  };
}

export function loadSnapshot(world: World, snapshot: Snapshot): void {
  world.workspaceId = snapshot.workspaceId;
  for (const row of snapshot.users) world.users.set(row.id, row);
  for (const row of snapshot.keys) world.keys.set(row.key, row);
  for (const row of snapshot.projects) world.projects.set(row.id, row);
  for (const row of snapshot.states) world.states.set(row.id, row);
  for (const row of snapshot.labels) world.labels.set(row.id, row);
  for (const row of snapshot.items) insertItem(world, row);
  for (const row of snapshot.comments) insertComment(world, row);
  for (const row of snapshot.links) world.links.set(row.id, row);
  for (const row of snapshot.activities) insertActivity(world, row);
  for (const row of snapshot.webhooks) world.webhooks.set(row.id, row);
}
