import { renderTime } from './clock.ts';
import type { Jobs, Note } from './jobs.ts';
import type { Comment, Item, Label, Link, Project } from './rows.ts';
import type { ChangedField } from './webhooks.ts';
import {
  commentWithExternal,
  indexExternal,
  insertComment,
  insertItem,
  statesOf,
  userName,
  type World,
} from './world.ts';

/** What changes the world: the same functions serve the REST routes and the human of the tests. */
export interface Deps {
  readonly world: World;
  readonly jobs: Jobs;
}

export type ItemFields = Partial<
  Pick<
    Item,
    | 'name'
    | 'descriptionHtml'
    | 'priority'
    | 'assignees'
    | 'labels'
    | 'parentId'
    | 'startDate'
    | 'targetDate'
    | 'point'
    | 'externalSource'
    | 'externalId'
    | 'createdBy'
  >
> & { /** `null` means back to the project's default state. */ stateId?: string | null };

export const MEMBER = 15;

export function createItem({ world, jobs }: Deps, project: Project, fields: ItemFields, actor: string): Item {
  const us = world.clock.now();
  project.lastSequence += 1;
  const stateId = fields.stateId ?? defaultState(world, project.id);
  const item: Item = {
    id: crypto.randomUUID(),
    projectId: project.id,
    sequence: project.lastSequence,
    name: fields.name ?? '',
    descriptionHtml: fields.descriptionHtml ?? '<p></p>',
    priority: fields.priority ?? 'none',
    stateId,
    assignees: keepMembers(project, fields.assignees ?? []),
    labels: keepLabels(world, project.id, fields.labels ?? []),
    parentId: fields.parentId ?? null,
    startDate: fields.startDate ?? null,
    targetDate: fields.targetDate ?? null,
    point: fields.point ?? null,
    externalSource: fields.externalSource ?? null,
    externalId: fields.externalId ?? null,
    createdBy: actor,
    updatedBy: null,
    createdUs: us,
    updatedUs: us,
    completedUs: completedAt(world, stateId, null, us),
    archivedOn: null,
    isDraft: false,
    deletedUs: null,
    stateHistory: [],
  };
  item.stateHistory.push(stateChange(world, null, stateId, actor, us));
  insertItem(world, item);
  jobs.bump(item.id, [note(actor, { verb: 'created' })]);
  jobs.tell({ event: 'issue', action: 'created', id: item.id, actor, changes: [] });
  world.onChange();
  return item;
}

/** Saves at once and bumps again from the worker. A change that changes nothing still moves `updated_at`. */
export function updateItem(
  { world, jobs }: Deps,
  project: Project,
  item: Item,
  fields: ItemFields,
  actor: string,
): void {
  const us = world.clock.now();
  const { stateId, assignees, labels, ...plain } = fields;
  const notes = notesOf(world, item, fields, actor);
  const changes = changesOf(item, fields);
  if (stateId !== undefined) moveItem(world, item, stateId ?? defaultState(world, project.id), actor, us);
  if (assignees) item.assignees = keepMembers(project, assignees);
  if (labels) item.labels = keepLabels(world, project.id, labels);
  Object.assign(item, plain);
  item.updatedUs = us;
  item.updatedBy = actor;
  jobs.bump(item.id, notes);
  jobs.tell({ event: 'issue', action: 'updated', id: item.id, actor, changes });
  world.onChange();
}

function moveItem(world: World, item: Item, to: string, actor: string, us: number): void {
  if (to === item.stateId) return;
  item.stateHistory.push(stateChange(world, item.stateId, to, actor, us));
  item.completedUs = completedAt(world, to, item.completedUs, us);
  item.stateId = to;
}

/** Soft delete: the row stays, is 404 for everybody, and its comments vanish with it. */
export function deleteItem({ world }: Deps, item: Item): void {
  item.deletedUs = world.clock.now();
  world.onChange();
}

export function archiveItem({ world, jobs }: Deps, item: Item, archived: boolean): void {
  item.archivedOn = archived ? new Date().toISOString().slice(0, 10) : null;
  jobs.bump(item.id);
  world.onChange();
}

export type CommentFields = Partial<
  Pick<Comment, 'html' | 'access' | 'externalSource' | 'externalId' | 'createdBy' | 'createdUs'>
>;

export function addComment(
  { world, jobs }: Deps,
  item: Pick<Item, 'id' | 'projectId'>,
  fields: CommentFields,
  actor: string,
): Comment {
  const us = world.clock.now();
  const comment: Comment = {
    id: crypto.randomUUID(),
    projectId: item.projectId,
    itemId: item.id,
    actor,
    html: fields.html ?? '<p></p>',
    access: fields.access ?? 'INTERNAL',
    externalSource: fields.externalSource ?? null,
    externalId: fields.externalId ?? null,
    createdBy: actor,
    updatedBy: null,
    updatedUs: us,
    // A fresh comment is created a few ms after it was updated: Plane stamps the two columns in that order.
    createdUs: world.clock.later(500),
    deletedUs: null,
    descriptionId: crypto.randomUUID(),
  };
  insertComment(world, comment);
  jobs.bump(item.id);
  jobs.tell({ event: 'issue_comment', action: 'created', id: comment.id, actor, changes: [] });
  world.onChange();
  return comment;
}

export function editComment({ world, jobs }: Deps, comment: Comment, fields: CommentFields, actor: string): void {
  const changes = commentChanges(comment, fields);
  Object.assign(comment, fields);
  comment.updatedUs = world.clock.now();
  comment.updatedBy = actor;
  indexExternal(world, comment);
  jobs.bump(comment.itemId);
  jobs.tell({ event: 'issue_comment', action: 'updated', id: comment.id, actor, changes });
  world.onChange();
}

export function deleteComment({ world, jobs }: Deps, comment: Comment): void {
  comment.deletedUs = world.clock.now();
  jobs.bump(comment.itemId);
  world.onChange();
}

export function addLink({ world, jobs }: Deps, item: Item, link: Pick<Link, 'url' | 'title'>, actor: string): Link {
  const us = world.clock.now();
  const row: Link = {
    ...link,
    id: crypto.randomUUID(),
    projectId: item.projectId,
    itemId: item.id,
    createdUs: us,
    updatedUs: us,
    createdBy: actor,
    updatedBy: null,
    deletedUs: null,
  };
  world.links.set(row.id, row);
  jobs.bump(item.id, [note(actor, { verb: 'created', field: 'link', newValue: link.url })]);
  world.onChange();
  return row;
}

export function deleteLink({ world, jobs }: Deps, link: Link, actor: string): void {
  link.deletedUs = world.clock.now();
  jobs.bump(link.itemId, [note(actor, { verb: 'deleted', field: 'link', oldValue: link.url })]);
  world.onChange();
}

/** Items keep their own stamp when a label goes. */
export function deleteLabel({ world }: Deps, label: Label): void {
  label.deletedUs = world.clock.now();
  for (const item of world.itemsOf.get(label.projectId) ?? []) {
    item.labels = item.labels.filter((id) => id !== label.id);
  }
  world.onChange();
}

export const externalHolder = (world: World, projectId: string, body: CommentFields): Comment | undefined =>
  commentWithExternal(world, projectId, body.externalSource ?? null, body.externalId ?? null);

export function itemWithExternal(world: World, projectId: string, source: unknown, id: unknown): Item[] {
  if (!source || !id) return [];
  const items = world.itemsOf.get(projectId) ?? [];
  return items.filter((i) => i.deletedUs === null && i.externalSource === source && i.externalId === id);
}

export function defaultState(world: World, projectId: string): string {
  const states = statesOf(world, projectId);
  const state = states.find((s) => s.isDefault) ?? states[0];
  if (!state) throw new Error(`project ${projectId} has no state`);
  return state.id;
}

const keepMembers = (project: Project, ids: readonly string[]): string[] =>
  ids.filter((id) => (project.members[id] ?? 0) >= MEMBER);

const keepLabels = (world: World, projectId: string, ids: readonly string[]): string[] =>
  ids.filter((id) => world.labels.get(id)?.projectId === projectId);

function completedAt(world: World, stateId: string, before: number | null, us: number): number | null {
  return world.states.get(stateId)?.group === 'completed' ? (before ?? us) : null;
}

const stateChange = (world: World, from: string | null, to: string, actor: string, us: number) => ({
  at: renderTime(us),
  from: from === null ? null : (world.states.get(from)?.name ?? from),
  to: world.states.get(to)?.name ?? to,
  by: userName(world, actor),
});

const note = (actor: string, given: Partial<Note>): Note => ({
  verb: 'updated',
  field: null,
  oldValue: null,
  newValue: null,
  oldIdentifier: null,
  newIdentifier: null,
  actor,
  ...given,
});

/** Our names of fields and those of a REST request. */
const REQUEST_KEYS = {
  name: 'name',
  descriptionHtml: 'description_html',
  priority: 'priority',
  stateId: 'state',
  assignees: 'assignees',
  labels: 'labels',
  parentId: 'parent',
  startDate: 'start_date',
  targetDate: 'target_date',
  point: 'point',
  externalSource: 'external_source',
  externalId: 'external_id',
} as const;

/** What a request changed: a webhook is sent for each key whose value is another than before. */
function changesOf(item: Item, fields: ItemFields): ChangedField[] {
  return (Object.keys(REQUEST_KEYS) as (keyof typeof REQUEST_KEYS)[]).flatMap((key) => {
    const [old, value] = [item[key], fields[key]];
    if (value === undefined || JSON.stringify(old) === JSON.stringify(value)) return [];
    return [{ field: REQUEST_KEYS[key], old, new: value }];
  });
}

const COMMENT_KEYS = {
  html: 'comment_html',
  access: 'access',
  externalSource: 'external_source',
  externalId: 'external_id',
} as const;

const commentChanges = (comment: Comment, fields: CommentFields): ChangedField[] =>
  (Object.keys(COMMENT_KEYS) as (keyof typeof COMMENT_KEYS)[]).flatMap((key) => {
    const [old, value] = [comment[key], fields[key]];
    return value === undefined || value === old ? [] : [{ field: COMMENT_KEYS[key], old, new: value }];
  });

/** The activities of an edit. A no-op writes none. */
function notesOf(world: World, item: Item, fields: ItemFields, actor: string): Note[] {
  const notes: Note[] = [];
  const changed = (field: string, oldValue: string | null, newValue: string | null, ids: Partial<Note> = {}) => {
    if (oldValue !== newValue) notes.push(note(actor, { field, oldValue, newValue, ...ids }));
  };
  if (fields.name !== undefined) changed('name', item.name, fields.name);
  if (fields.descriptionHtml !== undefined) changed('description', item.descriptionHtml, fields.descriptionHtml);
  if (fields.priority !== undefined) changed('priority', item.priority, fields.priority);
  if (fields.stateId) {
    const nameOf = (id: string) => world.states.get(id)?.name ?? null;
    const ids = { oldIdentifier: item.stateId, newIdentifier: fields.stateId };
    changed('state', nameOf(item.stateId), nameOf(fields.stateId), ids);
  }
  for (const id of fields.labels ?? []) {
    if (!item.labels.includes(id)) changed('labels', '', world.labels.get(id)?.name ?? '', { newIdentifier: id });
  }
  for (const id of fields.labels ? item.labels : []) {
    if (!fields.labels?.includes(id)) changed('labels', world.labels.get(id)?.name ?? '', '', { oldIdentifier: id });
  }
  return notes;
}
