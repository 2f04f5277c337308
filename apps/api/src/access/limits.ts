import rateLimit from '@fastify/rate-limit';
import type { Config } from '@pco/shared/config';
import { AppError } from '@pco/shared/errors';
import { MINUTE_MS } from '@pco/shared/time';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * @returns undefined where nothing is counted
 * @throws AppError RATE_LIMITED
 */
export type Limit = (request: FastifyRequest) => Promise<void> | undefined;

/**
 * Counts by token, and by address where none was shown or a wrong one. Each replica counts for itself: what is protected is
 * the process, and counting must not cost a request to Redis.
 */
export async function createLimit(app: FastifyInstance, { api }: Config): Promise<Limit> {
  const max = api.requests_per_minute;
  if (max === 0) return () => undefined;
  await app.register(rateLimit, { global: false, cache: 10_000 });
  const keyGenerator = ({ caller, ip }: FastifyRequest) => (caller ? `${caller.source} ${caller.name}` : ip);
  const count = app.createRateLimit({ max, timeWindow: MINUTE_MS, keyGenerator });
  return async (request) => {
    const state = await count(request);
    if (state.isAllowed || !state.isExceeded) return;
    const retryAfter = state.ttlInSeconds;
    throw new AppError('RATE_LIMITED', { why: `more than ${max} in a minute; again in ${retryAfter} s`, retryAfter });
  };
}
