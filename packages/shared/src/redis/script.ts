import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { RedisClient } from './client.ts';

export type Script<Reply> = (
  redis: RedisClient,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<Reply>;

/**
 * One Lua file as a function. The reply is parsed: Redis is an edge.
 * A server that lost its scripts (restart, failover) gets the text again.
 */
export function loadScript<Schema extends z.ZodType>(file: string, reply: Schema): Script<z.output<Schema>> {
  const source = readFileSync(new URL(`./scripts/${file}`, import.meta.url), 'utf8');
  const sha = createHash('sha1').update(source).digest('hex');
  return async (redis, keys, args) => {
    const raw: unknown = await redis.evalsha(sha, keys.length, ...keys, ...args).catch((err: unknown) => {
      if (!String(err).includes('NOSCRIPT')) throw err;
      return redis.eval(source, keys.length, ...keys, ...args);
    });
    const parsed = reply.safeParse(raw);
    if (!parsed.success) throw new AppError('STORED_RECORD_INVALID', { script: file }, { cause: parsed.error });
    return parsed.data;
  };
}
