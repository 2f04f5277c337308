import { ErrorBody, ROUTES, type Route, type RouteRole, refusalsOf } from '@pco/shared/contracts/http';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { z } from 'zod';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. Declared ones have it from their declaration; no route is without. */
    role?: RouteRole;
    proof?: Route['proof'];
    asksOnly?: Route['asksOnly'];
    /** Name of the declaration. */
    operation?: string;
  }
}

const key = (method: string, path: string): string => `${method === 'HEAD' ? 'GET' : method} ${path}`;
const DECLARED = new Map(
  Object.entries(ROUTES).map(([name, route]) => [key(route.method, route.path), { name, route: route as Route }]),
);

/** A route as it was added, whoever added it. */
export interface ServedRoute {
  readonly method: string;
  readonly url: string;
  readonly role: RouteRole;
}

/** Pages of others, with routes of their own. */
const PAGES: Readonly<Record<string, (isRead: boolean) => RouteRole>> = {
  '/dashboard': () => 'open',
  '/docs': () => 'viewer',
  '/admin/queues': (isRead) => (isRead ? 'operator' : 'admin'),
};

/**
 * Gives every route what its declaration says of it: schemas, role, limits. A route that is declared nowhere must say
 * its role itself, or the api does not start.
 */
export function useDeclarations(app: FastifyInstance): readonly ServedRoute[] {
  const served: ServedRoute[] = [];
  app.setValidatorCompiler<z.ZodType>(
    ({ schema, httpPart = '' }) =>
      (value) =>
        validate(schema, value, httpPart),
  );
  // handlers are held to their declarations by types and by tests; reading every answer again would cost its readers time
  app.setSerializerCompiler(() => JSON.stringify);
  app.addHook('onRoute', (options) => {
    const declared = DECLARED.get(key(String(options.method), options.url));
    options.config ??= {};
    if (declared) {
      const { route, name } = declared;
      options.config.role = route.role;
      options.config.operation = name;
      if (route.proof) options.config.proof = route.proof;
      if (route.asksOnly) options.config.asksOnly = true;
      if (route.bodyLimitBytes) options.bodyLimit = route.bodyLimitBytes;
      options.schema = schemaOf(name, route, options.method === 'HEAD');
    } else {
      const role = pageRole([options.method].flat(), options.url);
      if (role) options.config.role ??= role;
      options.schema = { hide: true, ...options.schema };
    }
    if (options.config.role === undefined)
      throw new Error(`${String(options.method)} ${options.url} is in no declaration and names no role`);
    served.push({ method: String(options.method), url: options.url, role: options.config.role });
  });
  return served;
}

function pageRole(methods: readonly string[], url: string): RouteRole | undefined {
  const page = Object.keys(PAGES).find((prefix) => url === prefix || url.startsWith(`${prefix}/`));
  return page === undefined
    ? undefined
    : PAGES[page]?.(methods.every((method) => method === 'GET' || method === 'HEAD'));
}

const NOTHING = z.strictObject({});
const PARTS: Readonly<Record<string, string>> = { querystring: 'query', params: 'path', body: 'body' };

/** What an empty part of a request is by its schema: most requests have one, and then it need not be worked out again. */
const ofNothing = new WeakMap<z.ZodType, unknown>();

function validate(schema: z.ZodType, value: unknown, httpPart: string) {
  const isNothing = httpPart === 'querystring' && Object.keys(Object(value)).length === 0;
  const known = isNothing ? ofNothing.get(schema) : undefined;
  if (known !== undefined) return { value: known };
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) {
    if (isNothing) ofNothing.set(schema, Object.freeze(parsed.data));
    return { value: parsed.data };
  }
  const where = PARTS[httpPart] ?? httpPart;
  const issues = parsed.error.issues.map(({ path, message }) => ({ loc: [where, ...path].map(String), msg: message }));
  const why = issues.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ');
  return { error: new AppError('PAYLOAD_INVALID', { issues, why }) };
}

/** What Fastify checks, and what the OpenAPI document is made from. */
function schemaOf(operationId: string, route: Route, isHidden: boolean): FastifySchema {
  const { summary, description, tag, params, query = NOTHING, body = NOTHING, role, proof, takes } = route;
  const security = role === 'open' ? [] : [{ token: [] }, { cookie: [] }];
  return {
    hide: isHidden,
    operationId,
    summary,
    ...(description ? { description } : {}),
    tags: [tag],
    security: proof === 'session-token' ? [...security, { sessionToken: [] }] : security,
    'x-role': role,
    ...(takes ? { consumes: [takes] } : {}),
    ...(params ? { params } : {}),
    querystring: query,
    ...(route.method === 'GET' || route.method === 'DELETE' ? {} : { body }),
    response: answersOf(route),
  } as FastifySchema; // @fastify/swagger takes extensions
}

function answersOf(route: Route): Record<number, unknown> {
  const media = route.media ?? 'application/json';
  const described = (description: string, type: string, schema: z.ZodType) => ({
    description,
    content: { [type]: { schema } },
  });
  const answers = Object.entries(route.answers).map(([status, schema]) => [
    status,
    described(Number(status) === 202 ? 'Under way' : 'Done', media, schema),
  ]);
  const errors = refusalsOf(route)
    .filter((status) => !(status in route.answers))
    .map((status) => [status, described(MEANINGS[status] ?? 'Failed', 'application/json', ErrorBody)]);
  return Object.fromEntries([...answers, ...errors]);
}

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'Not readable',
  401: 'No valid token',
  403: 'Not allowed, for this role, host name or origin',
  404: 'Not there, or not in that state',
  409: 'Not possible in the present state',
  410: 'Gone: cancelled, or deleted in Plane',
  413: 'Body too large',
  414: 'A part of the path is too long',
  415: 'Of another media type than it takes',
  422: 'Not valid; `detail` lists the faults',
  429: 'Too many requests',
  500: 'It failed; `detail` says why',
  502: 'A service behind us failed; `detail` says which, and how',
  503: 'Redis does not answer, try again',
};
