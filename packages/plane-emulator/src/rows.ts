import { z } from 'zod';

/** The rows of the fake database. They are zod schemas because a state file is read back through them. */
const Us = z.number().int();
const Id = z.string();

export const User = z.object({ id: Id, displayName: z.string(), email: z.string() });
export type User = z.infer<typeof User>;

export const ApiKey = z.object({ key: z.string(), userId: Id, active: z.boolean() });
export type ApiKey = z.infer<typeof ApiKey>;

const Common = { id: Id, createdUs: Us, updatedUs: Us, createdBy: Id.nullable(), updatedBy: Id.nullable() };
const External = { externalSource: z.string().nullable(), externalId: z.string().nullable() };
const Deletable = { deletedUs: Us.nullable() };

export const Project = z.object({
  ...Common,
  identifier: z.string(),
  name: z.string(),
  description: z.string(),
  archivedUs: Us.nullable(),
  isPublic: z.boolean(),
  lastSequence: z.number().int(),
  members: z.record(Id, z.number()),
});
export type Project = z.infer<typeof Project>;

export const GROUPS = ['backlog', 'unstarted', 'started', 'completed', 'cancelled', 'triage'] as const;
export type Group = (typeof GROUPS)[number];

export const State = z.object({
  ...Common,
  ...External,
  ...Deletable,
  projectId: Id,
  name: z.string(),
  description: z.string(),
  color: z.string(),
  slug: z.string(),
  group: z.enum(GROUPS),
  sequence: z.number(),
  isDefault: z.boolean(),
});
export type State = z.infer<typeof State>;

export const Label = z.object({
  ...Common,
  ...External,
  ...Deletable,
  projectId: Id,
  name: z.string(),
  description: z.string(),
  color: z.string(),
  sortOrder: z.number(),
});
export type Label = z.infer<typeof Label>;

export const PRIORITIES = ['urgent', 'high', 'medium', 'low', 'none'] as const;

/** One change of state, kept for tests only: Plane itself has activities. `from` is null on creation. */
export const StateChange = z.object({ at: z.string(), from: z.string().nullable(), to: z.string(), by: z.string() });
export type StateChange = z.infer<typeof StateChange>;

export const Item = z.object({
  ...Common,
  ...External,
  ...Deletable,
  projectId: Id,
  sequence: z.number().int(),
  name: z.string(),
  descriptionHtml: z.string(),
  priority: z.enum(PRIORITIES),
  stateId: Id,
  assignees: z.array(Id),
  labels: z.array(Id),
  parentId: Id.nullable(),
  startDate: z.string().nullable(),
  targetDate: z.string().nullable(),
  point: z.number().nullable(),
  completedUs: Us.nullable(),
  archivedOn: z.string().nullable(),
  isDraft: z.boolean(),
  stateHistory: z.array(StateChange),
  /** The last bump by the worker, for the variant with `last_activity_at`; none yet, or none known. */
  activityUs: Us.optional(),
});
export type Item = z.infer<typeof Item>;

export const Comment = z.object({
  ...Common,
  ...External,
  ...Deletable,
  projectId: Id,
  itemId: Id,
  actor: Id,
  html: z.string(),
  access: z.enum(['INTERNAL', 'EXTERNAL']),
  descriptionId: Id,
});
export type Comment = z.infer<typeof Comment>;

export const Link = z.object({
  ...Common,
  ...Deletable,
  projectId: Id,
  itemId: Id,
  title: z.string().nullable(),
  url: z.string(),
});
export type Link = z.infer<typeof Link>;

export const Activity = z.object({
  ...Common,
  projectId: Id,
  itemId: Id,
  actor: Id,
  verb: z.string(),
  field: z.string().nullable(),
  oldValue: z.string().nullable(),
  newValue: z.string().nullable(),
  oldIdentifier: Id.nullable(),
  newIdentifier: Id.nullable(),
});
export type Activity = z.infer<typeof Activity>;

export const Webhook = z.object({
  id: Id,
  url: z.string(),
  secret: z.string(),
  issue: z.boolean(),
  issue_comment: z.boolean(),
  isActive: z.boolean(),
});
export type Webhook = z.infer<typeof Webhook>;

/** Everything that survives a restart. */
export const Snapshot = z.object({
  version: z.literal(1),
  workspaceId: Id,
  users: z.array(User),
  keys: z.array(ApiKey),
  projects: z.array(Project),
  states: z.array(State),
  labels: z.array(Label),
  items: z.array(Item),
  comments: z.array(Comment),
  links: z.array(Link),
  activities: z.array(Activity),
  /** Files of older versions have none. */
  webhooks: z.array(Webhook).default([]),
});
export type Snapshot = z.infer<typeof Snapshot>;
