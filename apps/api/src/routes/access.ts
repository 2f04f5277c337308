import cookie from '@fastify/cookie';
import type { Config } from '@pco/shared/config';
import { type Me, mayUse, ROUTES, type Role, type TokenView } from '@pco/shared/contracts/http';
import { AppError } from '@pco/shared/errors';
import {
  createLoginStore,
  createTokenStore,
  isExpired,
  type Login,
  type StoredToken,
  wasEverApproved,
} from '@pco/shared/redis';
import { DAY_MS, HOUR_MS, iso, MINUTE_MS } from '@pco/shared/time';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, type Callers, COOKIE, configuredTokens, cookieOf } from '../access/callers.ts';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';
import { DASHBOARD } from './dashboard.ts';

const LINK_MS = 5 * MINUTE_MS;
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));

/**
 * Logging in and out: a browser gets a cookie that its scripts cannot read, in place of a token that they would keep. In a
 * scope of its own, because no other answer sets one.
 */
export const addLoginRoutes =
  (context: ApiContext, callers: Callers): FastifyPluginAsync =>
  async (app) => {
    await app.register(cookie, { hook: false }); // who needs what a browser sends reads it
    serveLogin(app, context, callers);
  };

function serveLogin(app: FastifyInstance, { config, core }: ApiContext, callers: Callers): void {
  const logins = createLoginStore(core.redis);
  const lifeMs = config.api.login_hours * HOUR_MS;
  const isSecure = (request: Asker): boolean =>
    request.protocol === 'https' || config.api.public_url?.startsWith('https:') === true;
  const attributes = (request: Asker) =>
    ({ path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure(request) }) as const;
  const begin = async (request: Asker, reply: FastifyReply, who: Omit<Login, 'expiresAt'>, untilMs: number | null) => {
    const left = untilMs === null ? lifeMs : Math.min(lifeMs, untilMs - Date.now());
    const { secret, expiresAt } = await logins.begin(who, left);
    void reply.setCookie(COOKIE, secret, { ...attributes(request), expires: new Date(expiresAt) });
    return meOf({ ...who, expiresAt, via: 'cookie' }, config);
  };

  serve(app, ROUTES.me, async ({ caller }) => meOf(known(caller), config));

  serve(app, ROUTES.login, async (request, reply) => {
    const found = await callers.byToken(request.body.token);
    if (!found) throw new AppError('UNAUTHORIZED', { why: 'that token is not known, or no longer' });
    return begin(request, reply, found, found.expiresAt);
  });

  serve(app, ROUTES.logout, async (request, reply) => {
    const secret = cookieOf(request.headers);
    if (secret) await logins.end(secret);
    void reply.clearCookie(COOKIE, attributes(request));
    return { status: 'logged_out' };
  });

  serve(app, ROUTES.createLoginLink, async (request) => {
    const { code, expiresAt } = await logins.createLink(known(request.caller), LINK_MS);
    const base = config.api.public_url ?? `${request.protocol}://${request.host}`;
    return { url: `${base}/login?code=${code}`, expires_at: iso(expiresAt) };
  });

  serve(app, ROUTES.useLoginLink, async (request, reply) => {
    const link = await logins.useLink(request.query.code);
    const found = link && (await callers.bySource(link.source));
    if (!found)
      throw new AppError('UNAUTHORIZED', { why: 'the link was used already, or is too old; ask for a new one' });
    await begin(request, reply, found, found.expiresAt);
    void reply.status(303).header('location', await firstPage(core, found.role));
    return '';
  });
}

/** Tokens for other programs and people, made and revoked without a restart. */
export function addTokenRoutes(app: FastifyInstance, { config, core }: ApiContext): void {
  const store = createTokenStore(core.redis);
  const configured = configuredTokens(config);

  serve(app, ROUTES.tokens, async () => [
    ...configured.map((token) => tokenView({ ...token, id: null, createdAt: null, createdBy: null })),
    ...(await store.all()).map(tokenView),
  ]);

  serve(app, ROUTES.createToken, async ({ body: { name, role, expires_in_days: days }, caller }, reply) => {
    const names = [...configured, ...(await store.all())].map((one) => one.name);
    if (names.includes(name)) throw new AppError('TOKEN_EXISTS', { why: name });
    const expiresAt = days === null ? null : Date.now() + Math.round(days * DAY_MS);
    const { token, ...stored } = await store.create({ name, role, createdBy: known(caller).name, expiresAt });
    void reply.status(201).header('cache-control', 'no-store');
    return { ...tokenView(stored), token };
  });

  serve(app, ROUTES.deleteToken, async ({ params: { tokenId } }) => {
    if (!(await store.remove(tokenId))) throw new AppError('TOKEN_NOT_FOUND', { why: tokenId });
    return { status: 'deleted', id: tokenId };
  });
}

/** Where nothing was ever approved the first look is whether all is there. */
const firstPage = async ({ redis }: ApiContext['core'], role: Role): Promise<string> =>
  !mayUse(role, ROUTES.setup.role) || (await wasEverApproved(redis)) ? DASHBOARD : `${DASHBOARD}setup`;

type Asker = Pick<FastifyRequest, 'protocol'>;

/** On routes that are not open the guard has let nobody through whom it does not know. */
function known(caller: Caller | null): Caller {
  if (!caller) throw new AppError('UNAUTHORIZED');
  return caller;
}

const meOf = ({ name, role, via, expiresAt }: Omit<Caller, 'source'>, { transcription }: Config): Me => ({
  name,
  role,
  via,
  expires_at: isoOrNull(expiresAt),
  can_dictate: transcription.url !== undefined,
});

type Shown = Pick<StoredToken, 'name' | 'role' | 'expiresAt'> & {
  readonly [Field in 'id' | 'createdBy']: string | null;
} & { readonly createdAt: number | null };

const tokenView = (token: Shown): TokenView => ({
  id: token.id,
  name: token.name,
  role: token.role,
  created_at: isoOrNull(token.createdAt),
  created_by: token.createdBy,
  expires_at: isoOrNull(token.expiresAt),
  is_expired: isExpired(token),
});
