import { renderTime } from '../clock.ts';
import type { Item, StateChange } from '../rows.ts';
import { linksOf, userName, type World } from '../world.ts';
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
  readonly state: string;
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

export const dumpItem = (world: World, ref: string): ItemDump => dump(world, findItem(world, ref));

const dump = (world: World, item: Item): ItemDump => ({
  id: item.id,
  key: itemKey(world, item),
  projectId: item.projectId,
  name: item.name,
  state: world.states.get(item.stateId)?.name ?? item.stateId,
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
