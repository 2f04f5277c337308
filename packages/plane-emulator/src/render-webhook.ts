import { type Json, renderComment, renderItem, renderUser } from './render.ts';
import type { Comment, Item } from './rows.ts';
import type { World } from './world.ts';

export type { Json } from './render.ts';

/** Webhooks show times in UTC, whatever the profile of the key's user says. */
const inUtc = (world: World): World => ({ ...world, settings: { ...world.settings, timezoneOffsetMinutes: 0 } });

/** A work item as webhooks show it: state, labels and assignees as objects, and the description three times. */
export function renderWebhookItem(world: World, item: Item): Json {
  const { type_id: _, ...rest } = renderItem(inUtc(world), item);
  const state = world.states.get(item.stateId);
  const labels = item.labels.flatMap((id) => world.labels.get(id) ?? []);
  const assignees = item.assignees.flatMap((id) => world.users.get(id) ?? []);
  return {
    ...rest,
    description: {},
    description_json: {},
    description_stripped: item.descriptionHtml.replace(/<[^>]*>/g, ''),
    state: state ? { id: state.id, name: state.name, color: state.color, group: state.group } : null,
    labels: labels.map(({ id, name, color }) => ({ id, name, color })),
    assignees: assignees.map(renderUser),
  };
}

export const renderWebhookComment = (world: World, comment: Comment): Json =>
  renderComment(inUtc(world), comment, false);
