import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { Config } from '../config/index.ts';

/** Where Redis is, as the section `redis` of the configuration says it. */
export type RedisSettings = Config['redis'];

/** Whether the configuration names a Redis; without one `npm start` runs its own. */
export const namesRedis = ({ url, sentinels, cluster }: RedisSettings): boolean =>
  url !== undefined || sentinels !== undefined || cluster !== undefined;

export const DEFAULT_MASTER = 'mymaster';

/** For people, without passwords. */
export function placeOf({ url, sentinels, sentinel_master = DEFAULT_MASTER, cluster }: RedisSettings): string {
  if (sentinels) return `${sentinel_master} of the sentinels ${sentinels.join(', ')}`;
  if (cluster) return `the cluster of ${cluster.join(', ')}`;
  return url === undefined ? 'nowhere' : new URL(url).host;
}

/** The keys that a person has to look at when that place does not answer. */
export const keyOfPlace = ({ sentinels, cluster }: RedisSettings): string =>
  sentinels ? 'redis.sentinels' : cluster ? 'redis.cluster' : 'redis.url';

/** How many replicas must have a decision before it counts. */
export const replicasToWaitFor = (settings: RedisSettings): number =>
  settings.wait_replicas ?? (settings.sentinels || settings.cluster ? 1 : 0);

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port` or `[::1]:port`, as the schema has checked it. */
export function addressOf(text: string): Address {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(at + 1)) };
}

/** @returns undefined where nothing is encrypted */
export function tlsOf({ url, tls, ca_file }: RedisSettings): ConnectionOptions | undefined {
  if (!tls && !url?.startsWith('rediss:')) return undefined;
  return ca_file === undefined ? {} : { ca: readFileSync(ca_file) };
}
