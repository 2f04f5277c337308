import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';

/** Random id of this installation, made by whoever asks first; part of every key written to Plane. */
export async function readInstallation(redis: Redis, keys: Keys): Promise<string> {
  await redis.set(keys.installation, `pco${randomBytes(6).toString('hex')}`, 'NX');
  // it was just set if it was absent
  return (await redis.get(keys.installation)) as string;
}
