import { z } from 'zod';
import { microsToIso, parseMicros } from './micros.ts';

/** What Plane sends, read into our own names. Keys that we do not use are dropped. */
const Micros = z.string().transform((text, context) => {
  const us = parseMicros(text);
  if (us === undefined) {
    context.addIssue({ code: 'custom', message: 'not a time stamp' });
    return z.NEVER;
  }
  return us;
});
const Text = z.string().nullish();

export const Me = z
  .object({ id: z.string(), display_name: Text, email: Text })
  .transform(({ id, display_name, email }) => ({ id, displayName: display_name ?? '', email: email ?? '' }));
export type Me = z.output<typeof Me>;

export const PlaneProject = z
  .object({
    id: z.string(),
    identifier: z.string(),
    name: z.string(),
    is_member: z.boolean().nullish(),
    archived_at: z.string().nullish(),
  })
  .transform(({ id, identifier, name, is_member, archived_at }) => ({
    id,
    identifier,
    name,
    /** The token's user has joined it. Lists also show public projects that it has not. */
    isMember: is_member ?? false,
    /** An archived project answers with empty lists: that does not mean that its work items are gone. */
    archivedAt: archived_at ?? null,
  }));
export type PlaneProject = z.output<typeof PlaneProject>;

export const State = z
  .object({ id: z.string(), name: z.string(), group: z.string(), sequence: z.number(), default: z.boolean().nullish() })
  .transform(({ default: isDefault, ...state }) => ({ ...state, isDefault: isDefault ?? false }));

/** `name` and `group` are known when the state was asked for expanded. */
const StateRef = z.union([
  z.string().transform((id) => ({ id, name: null, group: null })),
  z.object({ id: z.string(), name: z.string(), group: z.string() }),
]);

/** Names are known when they were asked for expanded. */
const LabelRef = z.union([
  z.string().transform((id) => ({ id, name: null })),
  z.object({ id: z.string(), name: Text }).transform(({ id, name }) => ({ id, name: name ?? null })),
]);
const UserRef = z.union([
  z.string().transform((id) => ({ id, displayName: null, email: null })),
  z
    .object({ id: z.string(), display_name: Text, email: Text })
    .transform(({ id, display_name, email }) => ({ id, displayName: display_name ?? null, email: email ?? null })),
]);

const rowShape = {
  id: z.string(),
  sequence_id: z.number(),
  name: z.string(),
  state: StateRef,
  priority: z.string(),
  labels: z.array(LabelRef),
  assignees: z.array(UserRef),
  created_at: Micros,
  updated_at: Micros,
  /** The cloud's: there comments move this one instead. */
  last_activity_at: Micros.optional(),
  updated_by: z.string().nullable(),
  created_by: Text,
};

/** For lists: a field that was not asked for has its empty value. */
export const WorkItemRow = z
  .object({
    ...rowShape,
    sequence_id: rowShape.sequence_id.default(0),
    name: rowShape.name.default(''),
    state: rowShape.state.default({ id: '', name: null, group: null }),
    priority: rowShape.priority.default('none'),
    labels: rowShape.labels.default([]),
    assignees: rowShape.assignees.default([]),
    created_at: rowShape.created_at.default(0),
    updated_by: rowShape.updated_by.default(null),
  })
  .transform(toRow);
export type WorkItemRow = z.output<typeof WorkItemRow>;

export const WorkItem = z
  .object({
    ...rowShape,
    assignees: rowShape.assignees.default([]),
    project: z.string(),
    description_html: Text,
    external_source: Text,
    external_id: Text,
  })
  .transform((given) => ({
    ...toRow(given),
    projectId: given.project,
    descriptionHtml: given.description_html ?? '',
    externalSource: given.external_source ?? null,
    externalId: given.external_id ?? null,
  }));
export type WorkItem = z.output<typeof WorkItem>;

function toRow(given: z.output<z.ZodObject<typeof rowShape>>) {
  return {
    id: given.id,
    sequenceId: given.sequence_id,
    name: given.name,
    state: given.state,
    priority: given.priority,
    /** Ids. */
    labels: given.labels.map(({ id }) => id),
    /** Also their names, where the list was asked for those. */
    namedLabels: given.labels,
    assignees: given.assignees,
    createdAt: microsToIso(given.created_at),
    /** Its last change, comments included. */
    updatedUs: Math.max(given.updated_at, given.last_activity_at ?? 0),
    hasActivityTime: given.last_activity_at !== undefined,
    /** Who edited it last; comments do not count. */
    updatedBy: given.updated_by,
    createdBy: given.created_by ?? null,
  };
}

export const PlaneComment = z
  .object({
    id: z.string(),
    comment_html: Text,
    actor: Text,
    external_source: Text,
    external_id: Text,
    created_at: Micros,
    updated_at: Micros,
  })
  .transform((given) => ({
    id: given.id,
    html: given.comment_html ?? '',
    /** Who really wrote it: the token's user, whatever the request said. */
    actor: given.actor ?? null,
    externalSource: given.external_source ?? null,
    externalId: given.external_id ?? null,
    createdUs: given.created_at,
    updatedUs: given.updated_at,
  }));
export type PlaneComment = z.output<typeof PlaneComment>;

export const PlaneLink = z
  .object({ url: z.string(), title: Text })
  .transform((given) => ({ url: given.url, title: given.title ?? '' }));
export type PlaneLink = z.output<typeof PlaneLink>;

/** One change of one field of a work item. Comments are none. */
export const PlaneActivity = z
  .object({ field: Text, actor: Text, new_identifier: Text, created_at: Micros })
  .transform((given) => ({
    field: given.field ?? null,
    actor: given.actor ?? null,
    newIdentifier: given.new_identifier ?? null,
    createdUs: given.created_at,
  }));
export type PlaneActivity = z.output<typeof PlaneActivity>;

export const WithId = z.object({ id: z.string() });

const makePage = <Row extends z.ZodType>(row: Row) =>
  z
    .object({
      results: z.array(row),
      next_cursor: z.string().nullish(),
      next_page_results: z.boolean(),
      total_count: z.number(),
    })
    .transform(({ results, next_cursor, next_page_results, total_count }) => ({
      rows: results,
      // The last page has a cursor too; only this flag says that there is nothing behind it.
      nextCursor: next_page_results ? (next_cursor ?? null) : null,
      totalCount: total_count,
    }));

const pages = new WeakMap<z.ZodType, z.ZodType>();

/** Made once for each kind of row: zod compiles every schema that is new to it. */
export function pageOf<Row extends z.ZodType>(row: Row): ReturnType<typeof makePage<Row>> {
  const page = pages.get(row) ?? makePage(row);
  pages.set(row, page);
  return page as ReturnType<typeof makePage<Row>>; // what was kept under that row
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
  readonly totalCount: number;
}
