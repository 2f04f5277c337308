import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { failureOf, field, type PlaneAnswer, whyNotJson } from './failure.ts';
import type { PlaneState } from './pick-state.ts';
import {
  Me,
  type Page,
  PlaneActivity,
  PlaneComment,
  PlaneLink,
  PlaneProject,
  pageOf,
  State,
  WithId,
  WorkItem,
  WorkItemRow,
} from './schemas.ts';
import {
  type Call,
  createTransport,
  ITEMS,
  type PathPart,
  type Transport,
  type TransportOptions,
} from './transport.ts';

export interface PlaneClientOptions extends TransportOptions {
  /** For one request, connecting and reading included. */
  readonly timeoutMs?: number | undefined;
  /** Lists take Plane seconds of its own time. */
  readonly listTimeoutMs?: number | undefined;
}

interface Options {
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends Options {
  /** At most 100 if the cloud must work too. Must stay the same over the pages of one list. */
  readonly perPage: number;
  readonly cursor?: string | null | undefined;
  /** Plane's names; `id` and `updated_at` are always asked for. Labels and assignees cost Plane a query per row. */
  readonly fields?: readonly string[] | undefined;
  readonly expand?: Expand | undefined;
}

/** What is asked for as an object with its name, instead of its id alone. */
export type Expand = readonly ('state' | 'labels' | 'assignees')[];

/** The only client of Plane. Every method may throw the PLANE_ errors of `errors.ts`. */
export interface PlaneClient {
  /** The token's user. */
  me(options?: Options): Promise<Me>;
  /** All of the workspace, also those that were not joined and archived ones. */
  listProjects(options?: Options): Promise<PlaneProject[]>;
  project(projectId: string, options?: Options): Promise<PlaneProject>;
  listStates(projectId: string, options?: Options): Promise<PlaneState[]>;
  /** Last changed first. Comments change an item too, a little later. */
  listWorkItems(projectId: string, options: ListOptions): Promise<Page<WorkItemRow>>;
  workItem(projectId: string, id: string, options?: Options & { expand?: Expand }): Promise<WorkItem>;
  /** By `IDENT-7`. A wrong identifier is answered like a missing permission. */
  workItemByKey(key: string, options?: Options & { expand?: Expand }): Promise<WorkItem>;
  /** Newest first. A deleted or unknown work item has none: that is no error here. */
  listComments(
    projectId: string,
    id: string,
    options?: Options & { cursor?: string | null | undefined; perPage?: number },
  ): Promise<{ comments: readonly PlaneComment[]; nextCursor: string | null; totalCount: number }>;
  /** Newest first, one page. */
  listLinks(projectId: string, id: string, options?: Options): Promise<readonly PlaneLink[]>;
  /** Who changed which field, newest first, one page. Plane writes them a little after the change. */
  listActivities(projectId: string, id: string, options?: Options): Promise<readonly PlaneActivity[]>;
  /** `conflict`: the project, not only this item, already has a comment with that external id. Do not send it twice at once. */
  createComment(projectId: string, id: string, comment: NewComment, options?: Options): Promise<CommentOutcome>;
  deleteComment(projectId: string, id: string, commentId: string, options?: Options): Promise<void>;
  updateState(projectId: string, id: string, stateId: string, options?: Options): Promise<WorkItem>;
  createLink(projectId: string, id: string, link: NewLink, options?: Options): Promise<LinkOutcome>;
}

export interface NewComment {
  readonly html: string;
  readonly externalSource: string;
  readonly externalId: string;
}
export interface CommentOutcome {
  readonly outcome: 'created' | 'conflict';
  /** Of the new comment, or of the one that was there. */
  readonly id: string;
}
export interface NewLink {
  readonly url: string;
  readonly title: string;
}
export interface LinkOutcome {
  readonly outcome: 'created' | 'exists';
}

const TIMEOUT_MS = 10_000;
const LIST_TIMEOUT_MS = 30_000;
/** What the cloud allows; the Community Edition would give 1000. */
const PER_PAGE = 100;
/** A server that never says "last page" must not keep us busy for ever. */
const MAX_PAGES = 200;
const ROW_FIELDS = [
  'id',
  'sequence_id',
  'name',
  'state',
  'priority',
  'labels',
  'created_at',
  'updated_at',
  'updated_by',
];

export function createPlaneClient(options: PlaneClientOptions): PlaneClient & AsyncDisposable {
  const transport = createTransport(options);
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const listTimeoutMs = options.listTimeoutMs ?? Math.max(timeoutMs, LIST_TIMEOUT_MS);
  const ask = createAsk(transport, timeoutMs, listTimeoutMs);
  return {
    ...lookUps(ask),
    ...itemReads(ask),
    ...writes(ask),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

type Ask = ReturnType<typeof createAsk>;
type Request = Pick<Call, 'operation' | 'path' | 'query' | 'signal'>;

/** The three ways of asking, each with its method, budget and time limit. */
function createAsk(transport: Transport, timeoutMs: number, listTimeoutMs: number) {
  return {
    read: async <S extends z.ZodType>(schema: S, request: Request): Promise<z.output<S>> => {
      const answer = await transport.send({ ...request, kind: 'lookup', method: 'GET', timeoutMs });
      return parse(schema, request.operation, answer);
    },
    page: async <S extends z.ZodType>(
      row: S,
      request: Request & { kind?: Call['kind'] },
    ): Promise<Page<z.output<S>>> => {
      const call = { kind: 'lookup' as const, ...request, method: 'GET' as const, timeoutMs: listTimeoutMs };
      return parse(pageOf(row), request.operation, await transport.send(call));
    },
    write: (call: Omit<Call, 'kind' | 'timeoutMs'>): Promise<PlaneAnswer> =>
      transport.send({ ...call, kind: 'write', timeoutMs }),
  };
}

function parse<S extends z.ZodType>(schema: S, operation: Call['operation'], answer: PlaneAnswer): z.output<S> {
  const { status, body } = answer;
  const { data, error } = schema.safeParse(body);
  if (!error) return data;
  const issue = error.issues[0];
  const why = typeof body !== 'object' ? whyNotJson(answer) : `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  throw new AppError('PLANE_BAD_ANSWER', { operation, status, why }, { cause: error });
}

function lookUps(ask: Ask): Pick<PlaneClient, 'me' | 'listProjects' | 'project' | 'listStates'> {
  return {
    me: (options) => ask.read(Me, { operation: 'me', path: ['users', 'me'], ...options }),
    listProjects: (options) =>
      allPages(ask, PlaneProject, { operation: 'list_projects', path: ['projects'], ...options }),
    project: (projectId, options) =>
      ask.read(PlaneProject, { operation: 'get_project', path: ['projects', projectId], ...options }),
    listStates: (projectId, options) =>
      allPages(ask, State, { operation: 'list_states', path: ['projects', projectId, 'states'], ...options }),
  };
}

function itemReads(
  ask: Ask,
): Pick<PlaneClient, 'listWorkItems' | 'workItem' | 'workItemByKey' | 'listComments' | 'listLinks' | 'listActivities'> {
  const one = (path: readonly PathPart[], { expand, signal }: Options & { expand?: Expand } = {}) =>
    ask.read(WorkItem, { operation: 'get_work_item', path, query: expandQuery(expand), signal });
  // the cloud has a time of its own for comments; the first list tells
  let lastChange = 'updated_at';
  return {
    async listWorkItems(projectId, { perPage, cursor, fields = ROW_FIELDS, expand, signal }) {
      const asked = [...new Set(['id', 'updated_at', 'last_activity_at', ...fields])].join(',');
      const query = { order_by: `-${lastChange}`, per_page: perPage, cursor, fields: asked, ...expandQuery(expand) };
      const path = itemPath(projectId);
      const page = await ask.page(WorkItemRow, { operation: 'poll', kind: 'poll', path, query, signal });
      if (page.rows[0]?.hasActivityTime) lastChange = 'last_activity_at';
      return page;
    },
    workItem: (projectId, id, options) => one(itemPath(projectId, id), options),
    workItemByKey: (key, options) => one([ITEMS, key], options),
    async listComments(projectId, id, { cursor, perPage = PER_PAGE, signal } = {}) {
      const path = itemPath(projectId, id, 'comments');
      const query = { per_page: perPage, cursor };
      const { rows, ...page } = await ask.page(PlaneComment, { operation: 'list_comments', path, query, signal });
      return { comments: rows, ...page };
    },
    async listLinks(projectId, id, { signal } = {}) {
      const path = itemPath(projectId, id, 'links');
      return (await ask.page(PlaneLink, { operation: 'list_links', path, query: { per_page: 20 }, signal })).rows;
    },
    async listActivities(projectId, id, { signal } = {}) {
      const path = itemPath(projectId, id, 'activities');
      const query = { order_by: '-created_at', per_page: PER_PAGE };
      return (await ask.page(PlaneActivity, { operation: 'list_activities', path, query, signal })).rows;
    },
  };
}

function writes(ask: Ask): Pick<PlaneClient, 'createComment' | 'deleteComment' | 'updateState' | 'createLink'> {
  return {
    async createComment(projectId, id, { html, externalSource, externalId }, options) {
      const operation = 'add_comment';
      const body = { comment_html: html, external_source: externalSource, external_id: externalId };
      const path = itemPath(projectId, id, 'comments');
      const answer = await ask.write({ operation, method: 'POST', path, body, accept: [409], ...options });
      const outcome = answer.status === 409 ? 'conflict' : 'created';
      return { outcome, id: parse(WithId, operation, answer).id };
    },
    async deleteComment(projectId, id, commentId, options) {
      const path = itemPath(projectId, id, 'comments', commentId);
      await ask.write({ operation: 'delete_comment', method: 'DELETE', path, ...options });
    },
    async updateState(projectId, id, stateId, options) {
      const operation = 'update_state';
      const body = { state: stateId };
      const answer = await ask.write({ operation, method: 'PATCH', path: itemPath(projectId, id), body, ...options });
      return parse(WorkItem, operation, answer);
    },
    async createLink(projectId, id, { url, title }, options) {
      const operation = 'add_link';
      const path = itemPath(projectId, id, 'links');
      const body = { url, title: [...title].slice(0, MAX_TITLE_CHARS).join('') };
      const answer = await ask.write({ operation, method: 'POST', path, body, accept: [400], ...options });
      if (answer.status !== 400) return { outcome: 'created' };
      return linkExists(operation, answer);
    },
  };
}

const MAX_TITLE_CHARS = 255;

/** The same address twice is a plain 400 with a text and no code. */
function linkExists(operation: string, answer: PlaneAnswer): LinkOutcome {
  if (/already exists/i.test(field(answer.body, 'error') ?? '')) return { outcome: 'exists' };
  throw failureOf(operation, answer);
}

const itemPath = (projectId: string, ...rest: readonly string[]): PathPart[] => ['projects', projectId, ITEMS, ...rest];

const expandQuery = (expand: Expand = []): Record<string, string> =>
  expand.length > 0 ? { expand: expand.join(',') } : {};

async function allPages<S extends z.ZodType>(ask: Ask, row: S, request: Request): Promise<z.output<S>[]> {
  const rows: z.output<S>[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page: Page<z.output<S>> = await ask.page(row, { ...request, query: { per_page: PER_PAGE, cursor } });
    rows.push(...page.rows);
    if (page.nextCursor === null) return rows;
    cursor = page.nextCursor;
  }
  throw new AppError('PLANE_BAD_ANSWER', { operation: request.operation, why: 'the list does not end' });
}
