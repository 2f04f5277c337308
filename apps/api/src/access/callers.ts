import { fastifyCookie } from '@fastify/cookie';
import type { Config } from '@pco/shared/config';
import type { Role } from '@pco/shared/contracts/http';
import { createLoginStore, createTokenStore, isSameHash, type RedisHandle, sha256 } from '@pco/shared/redis';
import { DAY_MS } from '@pco/shared/time';
import type { FastifyRequest } from 'fastify';
import { isGuarded } from './binding.ts';

/** Who makes a request. */
export interface Caller {
  /** Name of the token; `local` on a host where none is needed. */
  readonly name: string;
  readonly role: Role;
  readonly via: 'local' | 'token' | 'cookie';
  /** What the caller's right comes from: `local`, `config:<name>` or `token:<id>`. */
  readonly source: string;
  readonly expiresAt: number | null;
}
type Known = Omit<Caller, 'via'>;

export const COOKIE = 'pco_session';
/** What a request shows of who makes it. */
export type Showing = Pick<FastifyRequest, 'headers'>;

/** The secret of a browser that is logged in. */
export const cookieOf = ({ cookie: header }: FastifyRequest['headers']): string | undefined =>
  header === undefined ? undefined : fastifyCookie.parse(header)[COOKIE];

const BEARER = /^Bearer ([\x21-\x7e]{1,200})$/;

/** `refused`: what the caller shows is not known, or no longer. */
export type Identity = Caller | 'nobody' | 'refused';
export type Callers = ReturnType<typeof createCallers>;

/** Tells callers by their tokens and cookies. Keeps nothing: a token that was deleted is refused at once, by every replica. */
export function createCallers(config: Config, redis: RedisHandle) {
  const tokens = createTokenStore(redis);
  const logins = createLoginStore(redis);
  const configured = configuredTokens(config);
  const local: Known | null = isGuarded(config)
    ? null
    : { name: 'local', role: 'admin', source: 'local', expiresAt: null };

  const byToken = async (token: string): Promise<Known | null> => {
    const hash = sha256(token);
    const found = configured.find((one) => isSameHash(one.hash, hash));
    if (found) return isOver(found.expiresAt) ? null : found;
    const stored = await tokens.find(token);
    return stored && { ...stored, source: `token:${stored.id}` };
  };
  /** Whether what a browser logged in with still holds. */
  const bySource = async (source: string): Promise<Known | null> => {
    if (source === 'local') return local;
    const [kind, id = ''] = source.split(/:(.*)/, 2);
    if (kind === 'config') return configured.find((one) => one.name === id && !isOver(one.expiresAt)) ?? null;
    const stored = await tokens.get(id);
    return stored && !isOver(stored.expiresAt) ? { ...stored, source } : null;
  };
  const byCookie = async (secret: string): Promise<Known | null> => {
    const login = await logins.find(secret);
    const known = login && (await bySource(login.source));
    // of a token that was replaced by one of the same name the role of today counts
    return login && known && { ...known, expiresAt: login.expiresAt };
  };

  const shownToken = async (authorization: string): Promise<Identity> => {
    const token = BEARER.exec(authorization)?.[1];
    const known = token === undefined ? null : await byToken(token);
    return known ? { ...known, via: 'token' } : 'refused';
  };
  const unknown: Identity = local ? { ...local, via: 'local' } : 'nobody';
  const shownCookie = async (secret: string): Promise<Identity> => {
    const known = await byCookie(secret);
    return known ? { ...known, via: 'cookie' } : unknown;
  };

  return {
    byToken,
    bySource,
    /** At once where neither token nor cookie is shown. */
    identify({ headers }: Showing): Identity | Promise<Identity> {
      if (headers.authorization !== undefined) return shownToken(headers.authorization);
      const secret = cookieOf(headers);
      return secret ? shownCookie(secret) : unknown;
    },
    /** Whether it is worth while to expect that a page's requests will be answered. Looks nothing up. */
    isLikelyKnown: ({ headers }: Showing): boolean => unknown !== 'nobody' || cookieOf(headers) !== undefined,
  };
}

const isOver = (expiresAt: number | null): boolean => expiresAt !== null && expiresAt <= Date.now();

/** `api.token` is an admin's; an expiry is the end of its day. */
export function configuredTokens({ api }: Config): (Known & { readonly hash: string })[] {
  const single = api.token === undefined ? [] : [{ name: 'api', role: 'admin', hash: sha256(api.token) } as const];
  const named = Object.entries(api.tokens).map(([name, { role, hash, expires }]) => ({
    ...{ name, role, hash },
    expiresAt: expires === undefined ? null : Date.parse(expires) + DAY_MS,
  }));
  return [...single.map((one) => ({ ...one, expiresAt: null })), ...named].map((one) => ({
    ...one,
    source: `config:${one.name}`,
  }));
}
