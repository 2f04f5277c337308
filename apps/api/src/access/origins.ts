import type { Config } from '@pco/shared/config';
import { AppError } from '@pco/shared/errors';
import { isLoopback } from '@pco/shared/service';
import type { FastifyRequest } from 'fastify';

export const isReadMethod = (method: string): boolean => method === 'GET' || method === 'HEAD';
export const isRead = ({ method }: FastifyRequest): boolean => isReadMethod(method);

/** Whether a page of that origin is one of ours, or a configured one. */
function isOurs(request: FastifyRequest, origin: string, { api }: Config): boolean {
  if (api.cors_origins.includes(origin)) return true;
  if (api.public_url !== undefined && origin === new URL(api.public_url).origin) return true;
  return origin === `http://${request.host}` || origin === `https://${request.host}`;
}

/**
 * Without tokens only this host can connect, and a web page that it shows must not: the Host header has to be a
 * loopback name (DNS rebinding), and an Origin ours.
 *
 * @throws AppError ORIGIN_REFUSED
 */
export function checkLocal(request: FastifyRequest, config: Config): void {
  if (!isLoopback(request.hostname)) throw new AppError('ORIGIN_REFUSED', { why: `host ${request.hostname}` });
  checkOrigin(request, config);
}

/** @throws AppError ORIGIN_REFUSED for a page of another origin */
export function checkOrigin(request: FastifyRequest, config: Config): void {
  const { origin } = request.headers;
  if (origin !== undefined && !isOurs(request, origin, config))
    throw new AppError('ORIGIN_REFUSED', {
      why: `origin ${origin}; add it to api.cors_origins, or set api.public_url if it is ours`,
    });
}

/**
 * A browser sends its cookie with whatever a page asks for, so a request that changes something, or opens a socket, has
 * to say that it comes from a page of ours. All browsers do.
 *
 * @throws AppError ORIGIN_REFUSED
 */
export function checkCookieOrigin(request: FastifyRequest, config: Config): void {
  checkOrigin(request, config);
  const { origin, upgrade } = request.headers;
  if (isRead(request) && upgrade === undefined) return;
  if (origin === undefined && request.headers['sec-fetch-site'] !== 'same-origin')
    throw new AppError('ORIGIN_REFUSED', { why: 'with a cookie the Origin header is needed' });
}
