import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Role } from '../contracts/http/route.ts';
import type { RedisHandle } from './connect.ts';

const StoredToken = z.object({
  id: z.string(),
  name: z.string(),
  role: Role,
  /** SHA-256 of the token: it is long and random, so that nothing slower would protect it better. */
  hash: z.string(),
  createdAt: z.number(),
  createdBy: z.string(),
  expiresAt: z.number().nullable(),
});
export type StoredToken = z.output<typeof StoredToken>;

/** The id stands in the token, so that one look finds it; the rest is 256 bits that nobody can guess. */
const TOKEN = /^pco_([a-f0-9]{12})_[A-Za-z0-9_-]{43}$/;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Whether two hashes are the same, in a time that does not tell how much of them is. */
export const isSameHash = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

export const isExpired = ({ expiresAt }: Pick<StoredToken, 'expiresAt'>, now = Date.now()): boolean =>
  expiresAt !== null && expiresAt <= now;

/** Bearer tokens that admins have made over the api. Only their hashes are kept. */
export const createTokenStore = ({ client, keys, replicas }: RedisHandle) => {
  const get = async (id: string): Promise<StoredToken | null> => {
    const held = await client.hget(keys.tokens, id);
    return held === null ? null : StoredToken.parse(JSON.parse(held));
  };
  return {
    /** @returns the token itself, which nobody can ever be told again */
    async create(
      given: Pick<StoredToken, 'name' | 'role' | 'createdBy' | 'expiresAt'>,
    ): Promise<StoredToken & { token: string }> {
      const id = randomBytes(6).toString('hex');
      const token = `pco_${id}_${randomBytes(32).toString('base64url')}`;
      const stored: StoredToken = { ...given, id, hash: sha256(token), createdAt: Date.now() };
      await replicas.kept(() => client.hset(keys.tokens, id, JSON.stringify(stored)));
      return { ...stored, token };
    },
    get,
    async find(token: string): Promise<StoredToken | null> {
      const id = TOKEN.exec(token)?.[1];
      const stored = id === undefined ? null : await get(id);
      return stored && isSameHash(stored.hash, sha256(token)) && !isExpired(stored) ? stored : null;
    },
    async all(): Promise<StoredToken[]> {
      const held = Object.values(await client.hgetall(keys.tokens));
      return held
        .map((json) => StoredToken.parse(JSON.parse(json)))
        .sort((a, b) => a.createdAt - b.createdAt || a.id.localeCompare(b.id));
    },
    /** One that was revoked does not come back with another master. */
    async remove(id: string): Promise<boolean> {
      const isThere = (await client.hexists(keys.tokens, id)) === 1;
      if (isThere) await replicas.kept(() => client.hdel(keys.tokens, id));
      return isThere;
    },
  };
};
export type TokenStore = ReturnType<typeof createTokenStore>;
