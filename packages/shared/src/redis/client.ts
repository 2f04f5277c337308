import { Cluster, type Redis, type RedisOptions } from 'ioredis';
import { connectionToMaster } from './master-connection.ts';

/** One Redis, the master that sentinels name, or a cluster: they take the same commands. */
export type RedisClient = Redis | Cluster;
/** Of a connection to one server. */
export type ServerOptions = Omit<RedisOptions, 'replyMapping'>;

export const isCluster = (client: RedisClient): client is Cluster => client instanceof Cluster;

/** The connections to all masters. */
export const mastersOf = (client: RedisClient): readonly Redis[] =>
  isCluster(client) ? client.nodes('master') : [client];

const DISCONNECT_MS = 100;

/** A connection of its own for reads that block on that key. It has to be given an `error` listener. */
export function blockingClient(client: RedisClient, key: string, connectionName?: string): Redis {
  if (isCluster(client)) return connectionToMaster(client, key, connectionName);
  return client.duplicate({ maxRetriesPerRequest: null, connectionName });
}

/**
 * A client of its own of the same place, of which a read fails at once that has lost its connection, instead of being
 * sent again by itself. One that is told to disconnect does not wait for a server that says nothing.
 */
export function duplicateToFail(client: RedisClient, commandTimeout: number): RedisClient {
  const limits = { commandTimeout, disconnectTimeout: DISCONNECT_MS };
  if (!isCluster(client)) return client.duplicate({ maxRetriesPerRequest: 0, ...limits });
  const { replyMapping: _, ...redisOptions }: RedisOptions = client.options.redisOptions ?? {};
  const options = { retryDelayOnFailover: 0, enableOfflineQueue: false };
  return client.duplicate([], { ...options, redisOptions: { ...redisOptions, ...limits } });
}

/** Tells of every end of a connection, of a cluster also of those to single nodes. */
export function onCut(client: RedisClient, tell: () => void): void {
  client.on('close', tell);
  client.on('-node', tell);
}
