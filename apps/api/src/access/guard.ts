import type { Config } from '@pco/shared/config';
import { mayUse } from '@pco/shared/contracts/http';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isGuarded } from './binding.ts';
import type { Caller, Callers } from './callers.ts';
import { createLimit, type Limit } from './limits.ts';
import { checkCookieOrigin, checkLocal, checkOrigin, isRead } from './origins.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on routes that are open, and for a session that shows its own token. */
    caller: Caller | null;
  }
}

interface GuardDeps {
  readonly config: Config;
  readonly callers: Callers;
}

/** Lets a request through to its route, or refuses it, by the route's declared role. No route is left out. */
export async function addGuard(app: FastifyInstance, deps: GuardDeps): Promise<void> {
  app.decorateRequest('caller', null);
  const limit = await createLimit(app, deps.config);
  app.addHook('onRequest', async (request, reply) => {
    try {
      await letThrough(request, deps, limit);
    } catch (err) {
      if (err instanceof AppError) return refuse(reply, err);
      throw err;
    }
  });
}

async function letThrough(request: FastifyRequest, { config, callers }: GuardDeps, limit: Limit): Promise<void> {
  const { role = 'viewer', proof } = request.routeOptions.config;
  const isOpen = role === 'open' && proof === undefined;
  if (!isGuarded(config) && !isOpen) checkLocal(request, config);
  if (role === 'open') {
    if (!proof && !isRead(request)) checkOrigin(request, config);
    return limit(request);
  }
  // CORS does not hold for a WebSocket: whatever page opens one, the browser sends along what it has of ours
  if (request.ws) checkOrigin(request, config);
  if (proof === 'terminal-ticket' && hasTicket(request)) return limit(request); // the route redeems it
  const identity = await callers.identify(request);
  request.caller = typeof identity === 'string' ? null : identity;
  await limit(request);
  if (identity === 'refused' && proof === 'session-token') return; // the route knows that token, or refuses it
  if (!request.caller) throw new AppError('UNAUTHORIZED');
  if (request.caller.via === 'cookie') checkCookieOrigin(request, config);
  if (mayUse(request.caller.role, role)) return;
  const why = `it needs the role ${role}, and ${request.caller.name} has the role ${request.caller.role}`;
  throw new AppError('FORBIDDEN', { why });
}

/** A header is no browser's, and wins. */
const hasTicket = ({ headers, url }: FastifyRequest): boolean =>
  headers.authorization === undefined && new URLSearchParams(url.split('?')[1] ?? '').has('ticket');

/** Answered here and not thrown: the queue board has an error handler of its own that makes a 500 of everything. */
function refuse(reply: FastifyReply, { status, message, code, details }: AppError) {
  if (typeof details.retryAfter === 'number') void reply.header('retry-after', details.retryAfter);
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply.status(status).send({ detail: message, code });
}
