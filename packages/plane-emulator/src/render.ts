import { renderTime } from './clock.ts';
import type { Activity, Comment, Item, Label, Link, Project, State, User } from './rows.ts';
import { isVisible, lastActivityUs, type World } from './world.ts';

export type Json = Record<string, unknown>;

/** Rows as the REST API shows them: exactly Plane's keys, in its order. */
export const timeIn = (world: World, us: number | null): string | null =>
  us === null ? null : renderTime(us, world.settings.timezoneOffsetMinutes);

const stamps = (world: World, row: { createdUs: number; updatedUs: number }): Json => ({
  created_at: timeIn(world, row.createdUs),
  updated_at: timeIn(world, row.updatedUs),
  deleted_at: null,
});

export const renderItem = (world: World, item: Item): Json => ({
  id: item.id,
  type_id: null,
  ...stamps(world, item),
  point: item.point,
  name: item.name,
  description_html: item.descriptionHtml,
  description_binary: null,
  priority: item.priority,
  start_date: item.startDate,
  target_date: item.targetDate,
  sequence_id: item.sequence,
  sort_order: 65_535 + item.sequence * 10_000,
  completed_at: timeIn(world, item.completedUs),
  archived_at: item.archivedOn,
  is_draft: item.isDraft,
  external_source: item.externalSource,
  external_id: item.externalId,
  created_by: item.createdBy,
  updated_by: item.updatedBy,
  project: item.projectId,
  workspace: world.workspaceId,
  parent: item.parentId,
  state: item.stateId,
  estimate_point: null,
  type: null,
  assignees: item.assignees,
  labels: item.labels,
  ...(world.settings.lastActivityAt ? { last_activity_at: timeIn(world, lastActivityUs(item)) } : {}),
});

/** `is_member` says that the requester is one; only reads have it. */
export const renderComment = (world: World, comment: Comment, read: boolean): Json => ({
  id: comment.id,
  ...(read ? { is_member: true } : {}),
  ...stamps(world, comment),
  comment_html: comment.html,
  attachments: [],
  access: comment.access,
  external_source: comment.externalSource,
  external_id: comment.externalId,
  edited_at: null,
  created_by: comment.createdBy,
  updated_by: comment.updatedBy,
  project: comment.projectId,
  workspace: world.workspaceId,
  description: comment.descriptionId,
  issue: comment.itemId,
  actor: comment.actor,
  parent: null,
});

export const renderState = (world: World, state: State): Json => ({
  id: state.id,
  ...stamps(world, state),
  name: state.name,
  description: state.description,
  color: state.color,
  slug: state.slug,
  sequence: state.sequence,
  group: state.group,
  is_triage: state.group === 'triage',
  default: state.isDefault,
  external_source: state.externalSource,
  external_id: state.externalId,
  created_by: state.createdBy,
  updated_by: state.updatedBy,
  project: state.projectId,
  workspace: world.workspaceId,
});

export const renderLabel = (world: World, label: Label): Json => ({
  id: label.id,
  ...stamps(world, label),
  name: label.name,
  description: label.description,
  color: label.color,
  sort_order: label.sortOrder,
  external_source: label.externalSource,
  external_id: label.externalId,
  created_by: label.createdBy,
  updated_by: label.updatedBy,
  workspace: world.workspaceId,
  project: label.projectId,
  parent: null,
});

export const renderLink = (world: World, link: Link): Json => ({
  id: link.id,
  ...stamps(world, link),
  title: link.title,
  url: link.url,
  metadata: {},
  created_by: link.createdBy,
  updated_by: link.updatedBy,
  project: link.projectId,
  workspace: world.workspaceId,
  issue: link.itemId,
});

export const renderActivity = (world: World, row: Activity): Json => ({
  id: row.id,
  ...stamps(world, row),
  verb: row.verb,
  field: row.field,
  old_value: row.oldValue,
  new_value: row.newValue,
  comment: row.field === null ? 'created the issue' : `updated the ${row.field} to`,
  attachments: [],
  old_identifier: row.oldIdentifier,
  new_identifier: row.newIdentifier,
  epoch: Math.floor(row.createdUs / 1_000_000),
  project: row.projectId,
  workspace: world.workspaceId,
  issue: row.itemId,
  issue_comment: null,
  actor: row.actor,
});

export const renderUser = (user: User): Json => ({
  id: user.id,
  first_name: user.displayName,
  last_name: '',
  email: user.email,
  avatar: '',
  avatar_url: null,
  display_name: user.displayName,
});

export function renderProject(world: World, project: Project, userId: string): Json {
  const role = project.members[userId] ?? null;
  const states = [...world.states.values()].filter((s) => s.projectId === project.id);
  return {
    id: project.id,
    total_members: Object.keys(project.members).length,
    total_cycles: 0,
    total_modules: 0,
    is_member: role !== null,
    sort_order: 65_535,
    member_role: role,
    is_deployed: false,
    cover_image_url: null,
    ...stamps(world, project),
    name: project.name,
    description: project.description,
    description_text: null,
    description_html: null,
    network: project.isPublic ? 2 : 0,
    identifier: project.identifier,
    emoji: null,
    icon_prop: null,
    module_view: false,
    cycle_view: false,
    issue_views_view: false,
    page_view: true,
    intake_view: false,
    is_time_tracking_enabled: false,
    is_issue_type_enabled: false,
    guest_view_all_features: false,
    cover_image: null,
    archive_in: 0,
    close_in: 0,
    logo_props: {},
    archived_at: timeIn(world, project.archivedUs),
    timezone: 'UTC',
    external_source: null,
    external_id: null,
    created_by: project.createdBy,
    updated_by: project.updatedBy,
    workspace: world.workspaceId,
    default_assignee: null,
    project_lead: null,
    cover_image_asset: null,
    estimate: null,
    default_state: states.find((s) => s.isDefault)?.id ?? null,
  };
}

/** What `expand=` puts in the place of an id; `undefined` leaves the id as it is. */
export function expandField(world: World, key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => expandField(world, key, one) ?? one);
  if (key === 'parent') return expandParent(world, value);
  if (typeof value !== 'string') return undefined;
  return EXPANDERS[key]?.(world, value);
}

const expandUser = (world: World, id: string): Json | undefined => {
  const user = world.users.get(id);
  return user && renderUser(user);
};

const EXPANDERS: Readonly<Record<string, (world: World, id: string) => Json | undefined>> = {
  state: (world, id) => {
    const state = world.states.get(id);
    return state && { id, name: state.name, color: state.color, group: state.group };
  },
  labels: (world, id) => {
    const label = world.labels.get(id);
    return label && renderLabel(world, label);
  },
  assignees: expandUser,
  created_by: expandUser,
  updated_by: expandUser,
  actor: expandUser,
  project: (world, id) => {
    const project = world.projects.get(id);
    const empty = { cover_image: null, icon_prop: null, emoji: null, cover_image_url: null };
    return project && { id, identifier: project.identifier, name: project.name, description: '', ...empty };
  },
  workspace: (world, id) => ({ name: world.slug, slug: world.slug, id }),
};

/** An absent parent expands to an empty object, not to null. */
function expandParent(world: World, value: unknown): Json {
  const parent = typeof value === 'string' ? world.items.get(value) : undefined;
  if (!parent || !isVisible(world, parent)) return {};
  return { id: parent.id, sequence_id: parent.sequence, project_id: parent.projectId };
}
