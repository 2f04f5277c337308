import { renderTime } from '../clock.ts';
import type { Item, StateChange } from '../rows.ts';
import { labelsOf, linksOf, statesOf, userName, type World } from '../world.ts';
import { findItem, findProject, itemKey } from './human.ts';

export interface CommentDump {
  readonly id: string;
  readonly html: string;
  /** Display name of who wrote it. */
  readonly actor: string;
  readonly externalSource: string | null;
  readonly externalId: string | null;
  readonly createdAt: string;
  readonly deleted: boolean;
}

/** The truth about one item, deleted ones and deleted comments included: what a test counts. */
export interface ItemDump {
  readonly id: string;
  readonly key: string;
  readonly projectId: string;
  readonly name: string;
  readonly descriptionHtml: string;
  readonly state: string;
  readonly priority: string;
  /** Names. */
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly deleted: boolean;
  readonly archived: boolean;
  readonly stateHistory: readonly StateChange[];
  /** Oldest first. */
  readonly comments: readonly CommentDump[];
  readonly links: readonly { id: string; title: string | null; url: string }[];
}

export function dumpState(world: World, projectRef?: string): ItemDump[] {
  const wanted = projectRef === undefined ? undefined : findProject(world, projectRef).id;
  return [...world.items.values()]
    .filter((item) => wanted === undefined || item.projectId === wanted)
    .map((item) => dump(world, item));
}

/** What a person who looks at the workspace sees of its projects. */
export interface ProjectDump {
  readonly id: string;
  readonly identifier: string;
  readonly name: string;
  readonly archived: boolean;
  readonly states: readonly { name: string; group: string }[];
  readonly labels: readonly string[];
  /** Display names of all users of the workspace. */
  readonly people: readonly string[];
}

export const dumpProjects = (world: World): ProjectDump[] =>
  [...world.projects.values()].map((project) => ({
    id: project.id,
    identifier: project.identifier,
    name: project.name,
    archived: project.archivedUs !== null,
    states: statesOf(world, project.id).map(({ name, group }) => ({ name, group })),
    labels: labelsOf(world, project.id).map(({ name }) => name),
    people: [...world.users.values()].map(({ displayName }) => displayName),
  }));

export const dumpItem = (world: World, ref: string): ItemDump => dump(world, findItem(world, ref));

const dump = (world: World, item: Item): ItemDump => ({
  id: item.id,
  key: itemKey(world, item),
  projectId: item.projectId,
  name: item.name,
  descriptionHtml: item.descriptionHtml,
  state: world.states.get(item.stateId)?.name ?? item.stateId,
  priority: item.priority,
  labels: item.labels.map((id) => world.labels.get(id)?.name ?? id),
  assignees: item.assignees.map((id) => userName(world, id)),
  createdAt: renderTime(item.createdUs),
  updatedAt: renderTime(item.updatedUs),
  deleted: item.deletedUs !== null,
  archived: item.archivedOn !== null,
  stateHistory: [...item.stateHistory],
  comments: (world.commentsOf.get(item.id) ?? [])
    .toSorted((a, b) => a.createdUs - b.createdUs)
    .map((comment) => ({
      id: comment.id,
      html: comment.html,
      actor: userName(world, comment.actor),
      externalSource: comment.externalSource,
      externalId: comment.externalId,
      createdAt: renderTime(comment.createdUs),
      deleted: comment.deletedUs !== null,
    })),
  links: linksOf(world, item.id).map(({ id, title, url }) => ({ id, title, url })),
});
