import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

const Address = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:@/[\]]+):\d{1,5}$/, 'must be host:port');
const Addresses = z.array(Address).min(1, 'name at least one, or leave the line out');
const Secret = z.string().min(1);

const Section = z.strictObject({
  /** One Redis, or whatever stands behind one address. */
  url: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .refine((url) => URL.canParse(url), 'is no URL; percent-encode special characters of its password')
    .optional(),
  url_file: z.string().min(1).optional(),
  /** Sentinels, which know the master of that name. */
  sentinels: Addresses.optional(),
  sentinel_master: z.string().min(1).optional(),
  sentinel_username: z.string().min(1).optional(),
  sentinel_password: Secret.optional(),
  sentinel_password_file: z.string().min(1).optional(),
  /** Some nodes of a Redis Cluster, which know the others. */
  cluster: Addresses.optional(),
  /** Of the Redis behind sentinels, and of the nodes of a cluster; a URL has its own. */
  username: z.string().min(1).optional(),
  password: Secret.optional(),
  password_file: z.string().min(1).optional(),
  tls: z.boolean().optional(),
  /** Of an authority that the system does not know. */
  ca_file: z.string().min(1).optional(),
  /**
   * At least so many replicas must have a decision before it counts, and all others that follow and answer, with
   * sentinels or a cluster all that could become master; by default 1 with either. 0 waits for none.
   */
  wait_replicas: z.coerce.number().int().min(0).max(10).optional(),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, "_" and "-" only')
    .default('pco'),
});

/** What goes with which place. */
export const Redis = Section.superRefine((redis, { addIssue }) => {
  const fault = (key: keyof typeof redis, message: string) => addIssue({ code: 'custom', path: [key], message });
  const places = (['url', 'sentinels', 'cluster'] as const).filter((place) => redis[place] !== undefined);
  for (const place of places.slice(1))
    fault(place, `set only one of url, sentinels and cluster, not also ${places[0]}`);
  const given = (...keys: (keyof typeof redis)[]) => keys.filter((key) => redis[key] !== undefined);
  if (!redis.sentinels)
    for (const key of given('sentinel_master', 'sentinel_username', 'sentinel_password'))
      fault(key, 'only together with redis.sentinels');
  if (!redis.sentinels && !redis.cluster) {
    for (const key of given('username', 'password'))
      fault(key, 'belongs into redis.url: redis://name:password@host:port');
    if (redis.tls) fault('tls', 'with a URL write rediss:// instead');
  }
  if (redis.ca_file && !redis.tls && !redis.url?.startsWith('rediss:'))
    fault('ca_file', 'only with TLS: set redis.tls, or write rediss:// in redis.url');
}).prefault({});

/** @returns faults */
export function unreadableAuthorities(file: unknown, base: string): string[] {
  if (typeof file !== 'string' || file === '') return [];
  const path = resolve(base, file);
  try {
    accessSync(path, constants.R_OK);
    return [];
  } catch {
    return [`redis.ca_file: ${path} cannot be read`];
  }
}
