import { z } from 'zod';
import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';
import { loadScript } from './script.ts';

const now = loadScript('now.lua', z.coerce.number());

/** Time of the Redis that has our keys, in ms. */
export const redisNow = ({ client, keys }: { client: RedisClient; keys: Keys }): Promise<number> =>
  now(client, [keys.kept], []);
