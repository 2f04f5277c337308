import type { Config } from '@pco/shared/config';
import { mayUse, type Role } from '@pco/shared/contracts/http';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isGuarded } from './binding.ts';
import type { Caller, Callers, Identity } from './callers.ts';
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
  const door = { ...deps, limit, isGuarded: isGuarded(deps.config) };
  // most requests need nobody to be asked, and then none of them waits for another turn of the loop
  app.addHook('onRequest', (request, reply, done) => {
    const refused = (err: unknown) => (err instanceof AppError ? void refuse(reply, err) : done(err as Error)); // what was thrown is passed on
    let waits: Promise<void> | undefined;
    try {
      waits = letThrough(request, door);
    } catch (err) {
      return refused(err);
    }
    if (waits !== undefined) waits.then(() => done(), refused);
    else done();
  });
}

interface Door extends GuardDeps {
  readonly limit: Limit;
  readonly isGuarded: boolean;
}

function letThrough(request: FastifyRequest, door: Door): Promise<void> | undefined {
  const { config, callers, limit } = door;
  const { role = 'viewer', proof } = request.routeOptions.config;
  const isOpen = role === 'open' && proof === undefined;
  if (!door.isGuarded && !isOpen) checkLocal(request, config);
  if (role === 'open') {
    if (!proof && !isRead(request)) checkOrigin(request, config);
    return limit(request);
  }
  // CORS does not hold for a WebSocket: whatever page opens one, the browser sends along what it has of ours
  if (request.ws) checkOrigin(request, config);
  if (proof === 'terminal-ticket' && hasTicket(request)) return limit(request); // the route redeems it
  const known = (identity: Identity): Promise<void> | undefined => {
    request.caller = typeof identity === 'string' ? null : identity;
    const counted = limit(request);
    if (identity === 'refused' && proof === 'session-token') return counted; // the route knows that token, or refuses it
    if (counted !== undefined) return counted.then(() => checkRole(request, role, config));
    checkRole(request, role, config);
  };
  const identity = callers.identify(request);
  return identity instanceof Promise ? identity.then(known) : known(identity);
}

function checkRole(request: FastifyRequest, role: Role, config: Config): void {
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
