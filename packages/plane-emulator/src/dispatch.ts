import type { Deps } from './actions.ts';
import { parseBody } from './body.ts';
import { type Answer, badKey, forbidden, noRoute, Refusal, unauthenticated } from './refusal.ts';
import type { Route } from './route.ts';
import { COMMENT_ROUTES } from './routes/comments.ts';
import { LINK_ROUTES } from './routes/links.ts';
import { PROJECT_ROUTES } from './routes/projects.ts';
import { STATE_AND_LABEL_ROUTES } from './routes/states-labels.ts';
import { WORK_ITEM_ROUTES } from './routes/work-items.ts';
import type { ApiKey, User } from './rows.ts';
import type { Throttle } from './throttle.ts';

export interface WireRequest {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer | undefined;
}

const ROUTES: readonly Route[] = [
  ...PROJECT_ROUTES,
  ...WORK_ITEM_ROUTES,
  ...COMMENT_ROUTES,
  ...STATE_AND_LABEL_ROUTES,
  ...LINK_ROUTES,
];

/**
 * One request, answered in one go: what happens here is atomic, like a transaction. The order of the checks is
 * Plane's and clients can see it: path, Accept, key, permission, throttle, method, body. Only what passes the
 * permission is counted by the throttle.
 */
export function dispatch(
  deps: Deps,
  throttle: Throttle,
  request: WireRequest,
  options: { skipDuplicateCheck?: boolean } = {},
): Answer {
  try {
    return answer(deps, throttle, request, options.skipDuplicateCheck ?? false);
  } catch (err) {
    if (err instanceof Refusal) return err.answer;
    throw err;
  }
}

function answer({ world, jobs }: Deps, throttle: Throttle, request: WireRequest, skipDuplicateCheck: boolean): Answer {
  const [path = '', search = ''] = splitUrl(request.url);
  const found = findRoute(path, world.settings.onlyIssuesPaths);
  if (!found) return redirectOrNothing(path, search, world.settings.onlyIssuesPaths);
  if (!acceptsJson(request.headers.accept)) {
    throw new Refusal(406, { detail: 'Could not satisfy the request Accept header.' });
  }
  const { user, key } = authenticate({ world, jobs }, request.headers['x-api-key']);
  const { method } = request;
  const query = new URLSearchParams(search);
  const run = found.route.permit({ world, jobs, user, method, params: found.params, query, skipDuplicateCheck });
  const headers = { vary: 'Cookie, origin', ...throttle.admit(key.key) };
  const result = refusalsToo(() => run(() => parseBody(request.body, headerText(request.headers['content-type']))));
  return { ...result, headers: { ...headers, ...result.headers } };
}

function splitUrl(url: string): [path: string, search: string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

function findRoute(path: string, onlyIssuesPaths: boolean) {
  if (onlyIssuesPaths && path.includes('/work-items/')) return undefined;
  for (const route of ROUTES) {
    const params = route.match(path);
    if (params) return { route, params };
  }
  return undefined;
}

/** A missing slash is redirected whatever the method, so a careless client turns its POST into a GET. */
function redirectOrNothing(path: string, search: string, onlyIssuesPaths: boolean): Answer {
  if (path.endsWith('/') || !findRoute(`${path}/`, onlyIssuesPaths)) throw noRoute();
  return { status: 301, headers: { location: `${path}/${search ? `?${search}` : ''}` } };
}

const acceptsJson = (accept: string | string[] | undefined): boolean =>
  accept === undefined || /\*\/\*|application\/(\*|json)/.test(headerText(accept) ?? '');

const headerText = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(',') : value;

/** Only the key's user is known afterwards; a missing header is 401, anything wrong with the key 403. */
function authenticate({ world }: Deps, header: string | string[] | undefined): { user: User; key: ApiKey } {
  const given = headerText(header);
  if (!given) throw unauthenticated();
  const key = world.keys.get(given);
  if (!key?.active) throw badKey();
  const user = world.users.get(key.userId);
  if (!user) throw forbidden();
  return { user, key };
}

/** Refusals of a handler were counted by the throttle and carry its headers. */
function refusalsToo(run: () => Answer): Answer {
  try {
    return run();
  } catch (err) {
    if (err instanceof Refusal) return err.answer;
    throw err;
  }
}
