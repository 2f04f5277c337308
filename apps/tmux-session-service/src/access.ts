import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@pco/shared/errors';
import { isLoopback } from '@pco/shared/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Account, Accounts } from './accounts.ts';
import type { Access } from './terminal-frames.ts';

export interface AccessOptions {
  readonly token: string | undefined;
  /** Who has this one may only look. */
  readonly viewToken: string | undefined;
  readonly allowedOrigins: readonly string[];
  /** People with accounts have tokens of their own. */
  readonly accounts: Pick<Accounts, 'byToken'> | undefined;
}
/** What a request may do; one that got through without being here may do everything. */
interface Caller {
  readonly access?: Access;
  readonly account?: Account;
  readonly token?: string;
}

const OPEN_PATHS = new Set(['/health', '/livez', '/readyz']);
/** Who has no account yet, or no token of it, asks here. */
const ACCOUNT_PATHS = new Set(['/auth/register', '/auth/login']);
/** Browsers cannot set headers on a WebSocket; they offer `bearer` and the token as subprotocols instead. */
const BEARER_PROTOCOL = 'bearer';

/**
 * Who may call (B-013, B-153). With a token: who has it. Without one we listen on loopback only, where any web page
 * in the user's browser could still reach us: so the Host must be a loopback name (DNS rebinding), and an Origin,
 * if sent, ours or listed.
 */
export function addAccess(app: FastifyInstance, { token, viewToken, allowedOrigins, accounts }: AccessOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origin !== undefined && allowedOrigins.includes(origin)) {
      reply.headers({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, PUT, POST, DELETE',
        'access-control-allow-headers': 'authorization, content-type',
        vary: 'origin',
      });
      if (request.method === 'OPTIONS') return reply.status(204).send();
    }
    if (OPEN_PATHS.has(request.routeOptions.url ?? '')) return;
    if (token === undefined) return checkOrigin(request, allowedOrigins);
    const given = candidates(request);
    if (given.some((candidate) => equals(candidate, token))) return;
    for (const candidate of given) {
      const account = accounts?.byToken(candidate);
      if (account) return void callers.set(request, { account, token: candidate });
    }
    if (accounts && ACCOUNT_PATHS.has(request.routeOptions.url ?? '')) return void callers.set(request, {});
    if (viewToken === undefined || !given.some((candidate) => equals(candidate, viewToken)))
      throw new AppError('UNAUTHORIZED');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new AppError('FORBIDDEN', { why: 'this token may only look' });
    callers.set(request, { access: 'view' });
  });
}

const callers = new WeakMap<FastifyRequest, Caller>();
export const accessOf = (request: FastifyRequest): Access => callers.get(request)?.access ?? 'control';
export const accountOf = (request: FastifyRequest): Account | undefined => callers.get(request)?.account;
/** Whether it carries the token of the service itself, or none is needed. */
export const isTrusted = (request: FastifyRequest): boolean => !callers.has(request);
/** The token of the account that calls, or nothing. */
export const tokenOf = (request: FastifyRequest): string => callers.get(request)?.token ?? '';

function checkOrigin(request: FastifyRequest, allowedOrigins: readonly string[]): void {
  const { host = '', origin } = request.headers;
  if (!isLoopback(hostname(host))) throw new AppError('ORIGIN_REFUSED', { why: 'the host is not a loopback name' });
  if (origin === undefined || origin === `http://${host}` || allowedOrigins.includes(origin)) return;
  throw new AppError('ORIGIN_REFUSED', { why: 'list it in PCO_ALLOWED_ORIGINS' });
}

const hostname = (host: string): string => URL.parse(`http://${host}`)?.hostname ?? '';

/** The header always; query and subprotocol only where a browser opens a WebSocket. */
function candidates(request: FastifyRequest): string[] {
  const { authorization = '', 'sec-websocket-protocol': offered = '' } = request.headers;
  const header = /^Bearer +(.+)$/i.exec(authorization)?.[1];
  const [protocol, ofProtocol] = offered.split(',').map((text) => text.trim());
  const ofQuery = new URLSearchParams(request.url.split('?')[1] ?? '').get('token');
  const ofSocket = request.ws ? [protocol === BEARER_PROTOCOL ? ofProtocol : undefined, ofQuery] : [];
  return [header, ...ofSocket].filter((text) => typeof text === 'string');
}

/** Hashing first gives equal lengths, so the time says nothing, not even the length. */
const equals = (given: string, token: string): boolean => timingSafeEqual(sha256(given), sha256(token));
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
