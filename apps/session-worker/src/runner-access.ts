import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@pco/shared/errors';
import { isLoopback } from '@pco/shared/service';
import type { FastifyRequest } from 'fastify';
import type { Host } from './host.ts';

/**
 * Who may read what sessions have on this host. Without a token only this host can connect, and a page in a browser of
 * this host must not.
 *
 * @throws AppError UNAUTHORIZED, FORBIDDEN, ORIGIN_REFUSED
 */
export function checkAccess({ config }: Pick<Host, 'config'>, { headers, hostname }: FastifyRequest): void {
  const { token, host } = config.session_worker;
  if (token !== undefined) {
    if (!timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${token}`)))
      throw new AppError('UNAUTHORIZED');
  } else if (!isLoopback(host))
    throw new AppError('FORBIDDEN', {
      why: 'what sessions have leaves this host only with session_worker.token set',
    });
  else if (!isLoopback(hostname) || headers.origin !== undefined) throw new AppError('ORIGIN_REFUSED');
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
