import { z } from 'zod';
import {
  addComment,
  archiveItem,
  createItem,
  type Deps,
  deleteComment,
  deleteItem,
  editComment,
  type ItemFields,
  updateItem,
} from '../actions.ts';
import { parseTime } from '../clock.ts';
import { makeLabel, makeProject, makeState } from '../make-project.ts';
import { type Comment, GROUPS, type Item, PRIORITIES, type Project } from '../rows.ts';
import type { Told } from '../webhooks.ts';
import { labelsOf, statesOf, type World } from '../world.ts';

/**
 * Things a person does in Plane's web interface. Projects are named by id or identifier, items by id or key. HTML is
 * stored as given, also where Plane would clean it: tests want hostile descriptions.
 */
export const NewProject = z.strictObject({
  identifier: z.string(),
  name: z.string().optional(),
  id: z.uuid().optional(),
  /** Role of the key's user: 20 admin, 15 member, 5 guest, null = not joined. */
  botRole: z.number().nullable().default(15),
  isPublic: z.boolean().optional(),
  /** Made in addition to the five that every project gets. */
  states: z.array(z.strictObject({ name: z.string(), group: z.enum(GROUPS) })).default([]),
});
export type NewProject = z.input<typeof NewProject>;

const ItemText = {
  name: z.string().max(255),
  description_html: z.string(),
  /** By name. */
  state: z.string(),
  priority: z.enum(PRIORITIES),
  /** By name; unknown ones are made. */
  labels: z.array(z.string()),
  /** By display name; Plane keeps only members. */
  assignees: z.array(z.string()),
};
export const NewItem = z.strictObject({
  project: z.string(),
  ...z.object(ItemText).partial().shape,
  /** ISO times that replace the emulator's own. */
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
  by: z.string().optional(),
});
export type NewItem = z.input<typeof NewItem>;

export const ItemEdit = z.strictObject({ ...z.object(ItemText).partial().shape, by: z.string().optional() });
export type ItemEdit = z.input<typeof ItemEdit>;

export const ItemBatch = z.strictObject({
  project: z.string(),
  count: z.number().int().positive(),
  /** Item n is called `<namePrefix> <n>`. */
  namePrefix: z.string().default('item'),
  state: z.string().optional(),
  description_html: z.string().optional(),
  labels: z.array(z.string()).optional(),
});
export type ItemBatch = z.input<typeof ItemBatch>;

export const NewComment = z.strictObject({ html: z.string(), by: z.string().optional() });
export type NewComment = z.input<typeof NewComment>;

export interface ItemRef {
  readonly id: string;
  readonly key: string;
  readonly sequenceId: number;
  readonly projectId: string;
}

export interface ProjectRef {
  readonly id: string;
  readonly identifier: string;
  readonly states: readonly { id: string; name: string; group: string }[];
}

/** Something that a test named wrongly. */
export class ControlError extends Error {}

export function createHuman({ world, jobs }: Deps, botId: string, defaultHuman: string) {
  const deps: Deps = { world, jobs: { ...jobs, tell: (told) => jobs.tell(asFromWeb(told)) } };
  const actor = (by = defaultHuman): string => userNamed(world, by);
  return {
    createProject(given: NewProject): ProjectRef {
      const { botRole, states, ...project } = NewProject.parse(given);
      const members = Object.fromEntries([...world.users.keys()].map((id) => [id, 20]));
      if (botRole === null) delete members[botId];
      else members[botId] = botRole;
      const made = makeProject(world, { ...project, name: project.name ?? project.identifier, members }, actor());
      for (const state of states) makeState(world, made.id, { ...state, color: '#888888' }, actor());
      return projectRef(world, made);
    },
    createState(projectRefText: string, given: { name: string; group: (typeof GROUPS)[number] }): { id: string } {
      const project = findProject(world, projectRefText);
      return { id: makeState(world, project.id, { ...given, color: '#888888' }, actor()).id };
    },
    createItem(given: NewItem): ItemRef {
      const { project: ref, by, created_at, updated_at, ...text } = NewItem.parse(given);
      const project = findProject(world, ref);
      const fields = { name: 'untitled', ...readText(world, project, text, actor(by)) };
      const item = createItem(deps, project, fields, actor(by));
      Object.assign(item, timesOf({ createdUs: created_at, updatedUs: updated_at }));
      return itemRef(world, item);
    },
    /** Many items at once, without bumps: a large project to page through. */
    createItems(given: ItemBatch): { count: number; first: ItemRef } {
      const { project: ref, count, namePrefix, ...text } = ItemBatch.parse(given);
      const project = findProject(world, ref);
      const quiet = { world, jobs: { bump: () => {}, tell: () => {}, flush: () => {} } };
      const fields = readText(world, project, text, actor());
      const items = Array.from({ length: count }, (_, i) =>
        createItem(quiet, project, { ...fields, name: `${namePrefix} ${i + 1}` }, actor()),
      );
      // `count` is positive, so there is a first one.
      return { count, first: itemRef(world, items[0] as Item) };
    },
    editItem(ref: string, given: ItemEdit): void {
      const { by, ...text } = ItemEdit.parse(given);
      const item = findItem(world, ref);
      const project = findProject(world, item.projectId);
      updateItem(deps, project, item, readText(world, project, text, actor(by)), actor(by));
    },
    deleteItem: (ref: string): void => deleteItem(deps, findItem(world, ref)),
    archiveItem: (ref: string, archived = true): void => archiveItem(deps, findItem(world, ref), archived),
    comment(ref: string, given: NewComment): { id: string } {
      const { html, by } = NewComment.parse(given);
      return { id: addComment(deps, findItem(world, ref), { html }, actor(by)).id };
    },
    editComment(id: string, given: NewComment): void {
      const { html, by } = NewComment.parse(given);
      editComment(deps, findComment(world, id), { html }, actor(by));
    },
    deleteComment: (id: string): void => deleteComment(deps, findComment(world, id)),
    archiveProject(ref: string, archived = true): void {
      findProject(world, ref).archivedUs = archived ? world.clock.now() : null;
      world.onChange();
    },
    /** Changes or takes away the membership of a user, the bot by default. */
    setRole(ref: string, role: number | null, userName?: string): void {
      const project = findProject(world, ref);
      const id = userName === undefined ? botId : userNamed(world, userName);
      if (role === null) delete project.members[id];
      else project.members[id] = role;
      world.onChange();
    },
    /** A key that was revoked answers 403 like one that never was. */
    setKeyActive(active: boolean): void {
      for (const key of world.keys.values()) if (key.userId === botId) key.active = active;
      world.onChange();
    },
  };
}
export type Human = ReturnType<typeof createHuman>;

/** The web interface names these keys otherwise than REST clients do. */
const WEB_KEYS: Readonly<Record<string, string>> = {
  state: 'state_id',
  labels: 'label_ids',
  assignees: 'assignee_ids',
  parent: 'parent_id',
};

const asFromWeb = (told: Told): Told => ({
  ...told,
  changes: told.changes.map((change) => ({ ...change, field: WEB_KEYS[change.field] ?? change.field })),
});

type Text = Partial<z.output<z.ZodObject<typeof ItemText>>>;

function readText(
  world: World,
  project: Project,
  text: { [K in keyof Text]: Text[K] | undefined },
  by: string,
): ItemFields {
  const { name, description_html: descriptionHtml, state, priority, labels, assignees } = text;
  return {
    ...(name === undefined ? {} : { name }),
    ...(descriptionHtml === undefined ? {} : { descriptionHtml }),
    ...(priority === undefined ? {} : { priority }),
    ...(state === undefined ? {} : { stateId: stateNamed(world, project, state) }),
    ...(assignees === undefined ? {} : { assignees: assignees.map((user) => userNamed(world, user)) }),
    ...(labels === undefined ? {} : { labels: labels.map((label) => labelNamed(world, project, label, by)) }),
  };
}

function timesOf(given: { createdUs?: string | undefined; updatedUs?: string | undefined }): Record<string, number> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, text]) => {
      if (text === undefined) return [];
      const us = parseTime(text);
      if (us === undefined) throw new ControlError(`not a time: ${text}`);
      return [[key, us]];
    }),
  );
}

function stateNamed(world: World, project: Project, name: string): string {
  const state = statesOf(world, project.id).find((s) => s.name === name);
  if (!state) throw new ControlError(`project ${project.identifier} has no state ${name}`);
  return state.id;
}

const labelNamed = (world: World, project: Project, name: string, by: string): string =>
  (labelsOf(world, project.id).find((l) => l.name === name) ?? makeLabel(world, project.id, { name }, by)).id;

function userNamed(world: World, name: string): string {
  const user = [...world.users.values()].find((u) => u.displayName === name || u.id === name);
  if (!user) throw new ControlError(`there is no user ${name}`);
  return user.id;
}

export function findProject(world: World, ref: string): Project {
  const project = world.projects.get(ref) ?? [...world.projects.values()].find((p) => p.identifier === ref);
  if (!project) throw new ControlError(`there is no project ${ref}`);
  return project;
}

export function findItem(world: World, ref: string): Item {
  const byId = world.items.get(ref);
  if (byId) return byId;
  const [, identifier = '', sequence = ''] = /^(.+)-(\d+)$/.exec(ref) ?? [];
  const project = [...world.projects.values()].find((p) => p.identifier === identifier);
  const item = world.itemsOf.get(project?.id ?? '')?.find((i) => i.sequence === Number(sequence));
  if (!item) throw new ControlError(`there is no item ${ref}`);
  return item;
}

function findComment(world: World, id: string): Comment {
  const comment = world.comments.get(id);
  if (!comment) throw new ControlError(`there is no comment ${id}`);
  return comment;
}

export const itemKey = (world: World, item: Item): string =>
  `${world.projects.get(item.projectId)?.identifier}-${item.sequence}`;

const itemRef = (world: World, item: Item): ItemRef => ({
  id: item.id,
  key: itemKey(world, item),
  sequenceId: item.sequence,
  projectId: item.projectId,
});

const projectRef = (world: World, project: Project): ProjectRef => ({
  id: project.id,
  identifier: project.identifier,
  states: statesOf(world, project.id)
    .filter((s) => s.group !== 'triage')
    .map(({ id, name, group }) => ({ id, name, group })),
});
