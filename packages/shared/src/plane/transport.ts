import { type Dispatcher, Pool } from 'undici';
import { correlationHeaders } from '../correlation.ts';
import { AppError } from '../errors.ts';
import { pause } from '../time.ts';
import type { BudgetKind, PlaneBudget } from './budget.ts';
import { unreachable } from './connection-failure.ts';
import { failureOf, isUnknownRoute, type PlaneAnswer, retryAfterMs } from './failure.ts';
import { timeLimit } from './time-limit.ts';

export interface TransportOptions {
  /** Ends in /api/v1 (B-024). */
  readonly apiUrl: string;
  readonly token: string;
  readonly workspaceSlug: string;
  /** `auto` asks for `work-items` and falls back to `issues` on servers that do not know it (B-064). */
  readonly pathSegment: 'auto' | 'work-items' | 'issues';
  readonly budget: PlaneBudget;
  /** One metric each: every single request with its status (`error` without one) and its time, and every repetition. */
  readonly onCall?: ((operation: string, status: string, ms: number) => void) | undefined;
  readonly onRetry?: ((operation: string) => void) | undefined;
  /** Default: own connections that are kept alive, closed with the client. */
  readonly dispatcher?: Dispatcher | undefined;
}

/** Stands in a path for the spelling of work items that this server knows. */
export const ITEMS = Symbol('work-items or issues');
export type PathPart = string | typeof ITEMS;

/** What Plane is asked for, as the metrics call it. */
export const OPERATIONS = [
  ...['me', 'list_projects', 'get_project', 'list_states'],
  ...['poll', 'get_work_item', 'list_comments', 'list_links', 'list_activities'],
  ...['add_comment', 'delete_comment', 'update_state', 'add_link'],
] as const;

export interface Call {
  readonly operation: (typeof OPERATIONS)[number];
  readonly kind: BudgetKind;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: readonly PathPart[];
  readonly query?: Readonly<Record<string, string | number | null | undefined>>;
  readonly body?: unknown;
  /** Statuses besides 2xx that the caller reads itself. */
  readonly accept?: readonly number[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport extends AsyncDisposable {
  send(call: Call): Promise<PlaneAnswer>;
}

/** Only reads: a write is repeated by its job, which looks first whether it has happened. */
const READ_RETRIES = 2;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 400;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export function createTransport(options: TransportOptions): Transport {
  if (!/^[\x21-\x7e]+$/.test(options.token)) {
    throw new AppError('CONFIG_INVALID', { why: 'plane.api_token is empty or has characters that no token has' });
  }
  // one server, so no agent that finds out for every address whose it is
  const { origin, pathname } = new URL(options.apiUrl);
  const dispatcher = options.dispatcher ?? new Pool(origin, { connections: 8, maxResponseSize: MAX_ANSWER_BYTES });
  const server = { dispatcher, origin, base: pathname.replace(/\/+$/, '') };
  const segment = createSegment(options.pathSegment);
  const attempt = async (call: Call, items: string): Promise<PlaneAnswer> => {
    await options.budget.take(call.kind);
    const answer = await exchange(options, server, call, items);
    if (answer.status === 429) await options.budget.blockFor(retryAfterMs(answer), call.kind);
    return answer;
  };
  const send = async (call: Call): Promise<PlaneAnswer> => {
    const answer = await segment.use(call.path.includes(ITEMS), (items) =>
      retryReads(options, call, () => attempt(call, items)),
    );
    if (isSuccess(answer.status) || call.accept?.includes(answer.status)) return answer;
    throw failureOf(call.operation, answer);
  };
  // Not `close`: that would wait for requests that hang.
  const own = options.dispatcher ? undefined : dispatcher;
  return { send, [Symbol.asyncDispose]: async () => own?.destroy() };
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Finds out once which spelling the server knows. An id that is no UUID is an unknown route under both. */
function createSegment(given: TransportOptions['pathSegment']) {
  let known = given === 'auto' ? undefined : given;
  return {
    /** A path without work items teaches nothing about them. */
    async use(isNeeded: boolean, ask: (items: string) => Promise<PlaneAnswer>): Promise<PlaneAnswer> {
      if (known || !isNeeded) return ask(known ?? '');
      const modern = await ask('work-items');
      if (!isUnknownRoute(modern)) {
        if (isSuccess(modern.status)) known = 'work-items';
        return modern;
      }
      const old = await ask('issues');
      if (isSuccess(old.status)) known = 'issues';
      return old;
    },
  };
}

async function retryReads(
  { onRetry }: TransportOptions,
  call: Call,
  ask: () => Promise<PlaneAnswer>,
): Promise<PlaneAnswer> {
  let left = call.method === 'GET' ? READ_RETRIES : 0;
  while (true) {
    const answer = await ask().catch((err: unknown) => {
      if (left === 0 || !isWorthRetrying(err)) throw err;
      return undefined;
    });
    if (answer && (answer.status < 500 || left === 0)) return answer;
    left -= 1;
    onRetry?.(call.operation);
    await pause(RETRY_MIN_MS + Math.random() * (RETRY_MAX_MS - RETRY_MIN_MS), call.signal);
    call.signal?.throwIfAborted();
  }
}

/** A server that was too slow for the whole time limit is not asked again at once. */
const isWorthRetrying = (err: unknown): boolean =>
  err instanceof AppError && err.code === 'PLANE_UNREACHABLE' && err.details.timedOut !== true;

interface Server {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  /** Path of the API, without a slash at its end. */
  readonly base: string;
}

async function exchange(
  { token, workspaceSlug, onCall }: TransportOptions,
  { dispatcher, origin, base }: Server,
  call: Call,
  items: string,
): Promise<PlaneAnswer> {
  const path = `${base}${pathOf(workspaceSlug, call, items)}`;
  using limit = timeLimit(call.timeoutMs, call.signal);
  let status: string | undefined;
  const began = performance.now();
  try {
    const { statusCode, headers, body } = await dispatcher.request({
      origin,
      path,
      method: call.method,
      headers: {
        'x-api-key': token,
        accept: 'application/json',
        ...correlationHeaders(),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: limit.signal,
    });
    const text = (await body.text()).replaceAll(token, '[redacted]');
    status = String(statusCode);
    const [retryAfter, location] = [first(headers['retry-after']), first(headers.location)];
    return { status: statusCode, body: parseJson(text), retryAfter, location };
  } catch (err) {
    call.signal?.throwIfAborted();
    throw unreachable(call.operation, limit.isOver() ? call.timeoutMs : undefined, err);
  } finally {
    onCall?.(call.operation, status ?? 'error', performance.now() - began);
  }
}

/** Without the slash at the end Plane redirects, and a redirected POST arrives as a GET. */
function pathOf(slug: string, { path, query = {} }: Call, items: string): string {
  const parts = path.map((part) => (part === ITEMS ? items : pathPart(part)));
  const scope = path[0] === 'users' ? '' : `/workspaces/${pathPart(slug)}`;
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  );
  const search = given.length > 0 ? `?${new URLSearchParams(given)}` : '';
  return `${scope}/${parts.join('/')}/${search}`;
}

/** An empty part or one of dots would make it the path of something else. */
function pathPart(part: string): string {
  if (/^\.{0,2}$/.test(part)) throw new AppError('PLANE_REFUSED', { why: `"${part}" is not an id` });
  return encodeURIComponent(part);
}

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
