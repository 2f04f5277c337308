import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { type Registry, register } from 'prom-client';
import { isHarmlessId } from '../correlation.ts';
import { AppError, type ErrorCode, namedFailure } from '../errors.ts';
import type { Logger } from '../log.ts';
import { tracing } from '../tracing/index.ts';

export interface HttpOptions {
  readonly log: Logger;
  /** Largest accepted body (B-014). */
  readonly bodyLimitBytes?: number;
  /** Addresses of proxies whose word about the caller is taken. */
  readonly trustProxy?: readonly string[];
  /** Shape of an error answer; the api and the terminal service have different ones (B-080, B-139). */
  readonly errorBody?: (detail: unknown, code: string) => object;
}

/** A Fastify server with our error answers. It never listens by itself. */
export function createHttp({
  log,
  bodyLimitBytes = 1024 * 1024,
  trustProxy = [],
  errorBody = detailBody,
}: HttpOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: log,
    childLoggerFactory: (logger) => logger, // one for each request costs more than most requests; our lines name theirs
    logController: new Fastify.LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    routerOptions: { ignoreTrailingSlash: true },
    forceCloseConnections: true,
    genReqId: requestId,
    // an address that cannot be decoded never gets to the error handler below
    frameworkErrors: (thrown, _request, reply) => {
      const unrouted = reply as unknown as FastifyReply; // its type parameters are those of a route, which it has not
      const { status, message, code } =
        unreadable(thrown) ?? new AppError('REQUEST_UNREADABLE', { why: thrown.message });
      return unrouted.status(status).send(errorBody(message, code));
    },
  }) as unknown as FastifyInstance; // the logger's type parameter is of no use to routes
  tracing()?.observe(app);
  app.setErrorHandler((thrown: FastifyError | AppError, request, reply) => {
    const err = unreadable(thrown) ?? (namedFailure(thrown) as FastifyError | AppError); // what is not named is what was given
    const status = err instanceof AppError ? err.status : (err.statusCode ?? 500);
    if (status >= 500) log.error({ err, path: request.routeOptions.url, reqId: request.id }, 'request failed');
    const code = err instanceof AppError ? err.code : (err.code ?? 'INTERNAL');
    const detail = err instanceof AppError ? (err.details.issues ?? err.message) : err.message;
    return reply
      .status(status)
      .send(errorBody(status === 500 && !(err instanceof AppError) ? 'internal error' : detail, code));
  });
  app.setNotFoundHandler((_request, reply) => reply.status(404).send(errorBody('Not found', 'NOT_FOUND')));
  return app;
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'REQUEST_UNREADABLE',
  413: 'BODY_TOO_LARGE',
  414: 'ADDRESS_TOO_LONG',
  415: 'MEDIA_TYPE_WRONG',
};

/** What Fastify itself refuses, under a code of ours: its own change with its releases. */
function unreadable(err: FastifyError | AppError): AppError | undefined {
  // whatever is thrown comes here, and some of it has a number for a code
  if (err instanceof AppError || typeof err.code !== 'string' || !err.code.startsWith('FST_')) return undefined;
  const code = BY_STATUS[err.statusCode ?? 0];
  return code === undefined ? undefined : new AppError(code, { why: err.message }, { cause: err });
}

const detailBody = (detail: unknown, code: string) => ({ detail, code });

/** The caller's `x-request-id` if it is harmless, so that one id can follow a request through everything. */
const requestId = (req: IncomingMessage): string => {
  const given = req.headers['x-request-id'];
  return isHarmlessId(given) ? given : crypto.randomUUID();
};

export interface Readiness {
  readonly ok: boolean;
  /** What was looked at, and what is wrong with it. */
  readonly checks: Readonly<Record<string, string>>;
}

/** `/livez` says that the loop turns, `/readyz` whether what the service needs answers, `/metrics` what it did. */
export function addProbes(app: FastifyInstance, metrics: Registry, ready: () => Promise<Readiness>): void {
  app.get('/livez', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const readiness = await ready().catch(() => ({ ok: false, checks: { service: 'does not answer' } }));
    return reply.status(readiness.ok ? 200 : 503).send(readiness);
  });
  app.get('/metrics', async (_request, reply) => reply.type(register.contentType).send(await metrics.metrics()));
}

/** Starts listening and gives the address that others can call. */
export async function listen(
  app: FastifyInstance,
  { host, port }: { host: string; port: number },
): Promise<AsyncDisposable & { url: string }> {
  const url = await app.listen({ host, port }); // a new object: Fastify writes into it
  return { url, [Symbol.asyncDispose]: () => app.close() };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);
