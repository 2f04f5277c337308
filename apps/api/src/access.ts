import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config } from '@pco/shared/config';
import { AppError } from '@pco/shared/errors';
import { isLoopback } from '@pco/shared/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route checks a session's token itself. */
    sessionToken?: boolean;
    /** The route checks a signature over the body. */
    signed?: boolean;
    /** The route also takes a one-time terminal ticket in its query, and checks it itself. */
    terminalTicket?: boolean;
  }
}

const OPEN: ReadonlySet<string> = new Set(['/health', '/livez', '/readyz']);

/**
 * @throws AppError CONFIG_INVALID when an address beyond this host is asked for without a token: whoever reaches the
 * api can start agents
 */
export function checkBinding({ api }: Config): void {
  if (isLoopback(api.host) || api.token) return;
  const why = `api.host is ${api.host} but api.token is not set; without a token the api listens on loopback only`;
  throw new AppError('CONFIG_INVALID', { why });
}

/**
 * With a token every request needs it. Without one only this host can connect, and a web page that it shows must not:
 * the Host header has to be a loopback name (DNS rebinding), and an Origin has to be ours or a configured one.
 */
export function addAccess(app: FastifyInstance, { api }: Config): void {
  const expected = api.token === undefined ? undefined : digest(`Bearer ${api.token}`);
  app.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url ?? '';
    if (OPEN.has(route)) return;
    if (expected) {
      const { sessionToken, signed, terminalTicket } = request.routeOptions.config;
      if (sessionToken || signed) return;
      if (request.ws && !isKnownOrigin(request, api.cors_origins)) return refuse(reply, foreign(request));
      if (terminalTicket && request.headers.authorization === undefined && hasTicket(request)) return;
      if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected))
        return refuse(reply, new AppError('UNAUTHORIZED'));
      return;
    }
    if (!isLoopback(request.hostname))
      return refuse(reply, new AppError('ORIGIN_REFUSED', { why: `host ${request.hostname}` }));
    if (!isKnownOrigin(request, api.cors_origins)) return refuse(reply, foreign(request));
  });
}

/** CORS does not hold for a WebSocket: whatever page opens one, the browser sends along what it has of ours. */
function isKnownOrigin({ headers, host }: FastifyRequest, allowed: readonly string[]): boolean {
  const { origin } = headers;
  return (
    origin === undefined || allowed.includes(origin) || origin === `http://${host}` || origin === `https://${host}`
  );
}
const foreign = ({ headers }: FastifyRequest) =>
  new AppError('ORIGIN_REFUSED', { why: `origin ${headers.origin}; add it to api.cors_origins` });
const hasTicket = ({ url }: FastifyRequest): boolean => new URLSearchParams(url.split('?')[1] ?? '').has('ticket');

/** Answered here and not thrown: the queue board has an error handler of its own that makes a 500 of everything. */
const refuse = (reply: FastifyReply, { status, message, code }: AppError) =>
  reply.status(status).send({ detail: message, code });

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
