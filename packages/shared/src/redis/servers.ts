import { Redis } from 'ioredis';
import { isCluster, mastersOf } from './client.ts';
import type { RedisHandle } from './connect.ts';
import { replicasIn } from './replication.ts';
import { type Address, addressOf } from './target.ts';

/** One server of those that hold our state. */
export interface ServerFacts {
  readonly address: string;
  readonly role: 'master' | 'replica';
  /** What `INFO` answers; null when nothing does. */
  readonly info: string | null;
  /** How its append-only file gets to the disk, `appendfsync`; null when it does not say (providers may forbid to ask). */
  readonly fsync: string | null;
  /** How many replicas follow it. */
  readonly replicas: number;
}

const CONNECT_MS = 2_000;

/** One field of what `INFO` answers. */
export const infoField = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];

/** Every master. */
export const readMasters = ({ client }: RedisHandle): Promise<ServerFacts[]> =>
  Promise.all(mastersOf(client).map((master) => read(master, 'master')));

/** Every master and every replica. */
export async function readServers(redis: RedisHandle): Promise<ServerFacts[]> {
  const { client } = redis;
  const masters = await readMasters(redis);
  if (isCluster(client)) {
    const replicas = await Promise.all(client.nodes('slave').map((replica) => read(replica, 'replica')));
    return [...masters, ...replicas];
  }
  const followers = masters.flatMap(({ info }) => replicasIn(info ?? ''));
  return [...masters, ...(await Promise.all(followers.map((address) => visit(client, addressOf(address)))))];
}

async function read(server: Redis, role: ServerFacts['role']): Promise<ServerFacts> {
  const [info, setting] = await Promise.all([
    server.info().catch(() => null),
    server.config('GET', 'appendfsync').catch(() => null),
  ]);
  const fsync = Array.isArray(setting) && typeof setting[1] === 'string' ? setting[1] : null;
  return { address: placeOf(server), role, info, fsync, replicas: info === null ? 0 : replicasIn(info).length };
}

/** Behind sentinels the address is known only by the connection. */
function placeOf({ options, stream }: Redis): string {
  if (options.sentinels && stream && 'remotePort' in stream) return `${stream.remoteAddress}:${stream.remotePort}`;
  return `${options.host}:${options.port}`;
}

async function visit({ options }: Redis, place: Address): Promise<ServerFacts> {
  const { username, password, tls } = options;
  const secured = tls ? { tls } : {};
  const replica = new Redis({
    ...{ ...place, ...secured, username, password, lazyConnect: true },
    ...{ connectTimeout: CONNECT_MS, commandTimeout: CONNECT_MS, retryStrategy: () => null },
  });
  replica.on('error', () => undefined); // told by the missing answer
  try {
    return await read(replica, 'replica');
  } finally {
    replica.disconnect();
  }
}
