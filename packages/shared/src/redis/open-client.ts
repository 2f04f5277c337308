import { Cluster, type ClusterOptions, Redis } from 'ioredis';
import { batchWrites } from './batch-writes.ts';
import type { RedisClient, ServerOptions } from './client.ts';
import { addressOf, DEFAULT_MASTER, type RedisSettings, tlsOf } from './target.ts';

export type Patience = 'wait' | 'fail';

const CONNECT_MS = 5_000;
/** A person who asked is answered by then. */
const COMMAND_MS = 5_000;
/**
 * A server that took a command and says nothing for so long hangs or is cut off; reads that block take ten seconds at
 * most. (ioredis can listen to sentinels instead, and ends for good when they tell of a failover while it reconnects.)
 */
const SILENCE_MS = 15_000;
/** A cluster is asked again who has which keys, and busy nodes may take that long to say it. */
const SLOTS_MS = 5_000;
const CLUSTER_RETRY_MS = 100;

/** A client of whatever the configuration names, not connected yet. */
export function openClient(settings: RedisSettings, patience: Patience, isLeaving: () => boolean): RedisClient {
  const retry = (times: number) => (isLeaving() ? null : Math.min(times * 50, 1_000));
  if (settings.cluster) return openCluster(settings, settings.cluster, patience, retry);
  const client = settings.sentinels
    ? new Redis(sentinelOptions(settings, settings.sentinels, patience, retry))
    : new Redis(settings.url ?? '', { ...common(settings), ...single(patience, retry) });
  batchWrites(client);
  return client;
}

type Retry = (times: number) => number | null;

function common(settings: RedisSettings) {
  const tls = tlsOf(settings);
  return { connectTimeout: CONNECT_MS, socketTimeout: SILENCE_MS, ...(tls ? { tls } : {}) } satisfies ServerOptions;
}

const single = (patience: Patience, retryStrategy: Retry): ServerOptions => ({
  lazyConnect: true,
  retryStrategy,
  maxRetriesPerRequest: patience === 'wait' ? null : 2,
  ...(patience === 'fail' ? { commandTimeout: COMMAND_MS } : {}),
  // a master that was made a replica: the command is sent again to the one that is master now
  reconnectOnError: ({ message }) => (message.startsWith('READONLY') ? 2 : false),
});

function sentinelOptions(
  settings: RedisSettings,
  sentinels: readonly string[],
  patience: Patience,
  retry: Retry,
): ServerOptions {
  const { sentinel_master = DEFAULT_MASTER, username, password, sentinel_username, sentinel_password } = settings;
  const options = common(settings);
  return {
    ...options,
    ...single(patience, retry),
    // while another master is chosen a command waits, in the api until its time is over
    maxRetriesPerRequest: null,
    sentinels: sentinels.map(addressOf),
    name: sentinel_master,
    username,
    password,
    sentinelUsername: sentinel_username,
    sentinelPassword: sentinel_password,
    sentinelRetryStrategy: retry,
    ...(options.tls ? { enableTLSForSentinelMode: true, sentinelTLS: options.tls } : {}),
  };
}

function openCluster(settings: RedisSettings, nodes: readonly string[], patience: Patience, retry: Retry): Cluster {
  const { username, password } = settings;
  const options = common(settings);
  const limits = patience === 'fail' ? { commandTimeout: COMMAND_MS } : {};
  const clusterOptions = {
    lazyConnect: true,
    clusterRetryStrategy: retry,
    redisOptions: { ...options, ...limits, username, password },
    // a cluster that chooses another master answers nobody for seconds: commands are sent again until it has
    maxRedirections: patience === 'wait' ? Number.POSITIVE_INFINITY : COMMAND_MS / CLUSTER_RETRY_MS,
    retryDelayOnFailover: CLUSTER_RETRY_MS,
    retryDelayOnClusterDown: CLUSTER_RETRY_MS,
    slotsRefreshInterval: SLOTS_MS,
    slotsRefreshTimeout: SLOTS_MS,
    enableOfflineQueue: patience === 'wait',
    // certificates are made out to names: only where none are checked may an address take their place
    ...(options.tls ? { dnsLookup: (name, done) => done(null, name) } : {}),
  } satisfies ClusterOptions;
  const client = new Cluster(nodes.map(addressOf), clusterOptions);
  client.on('+node', batchWrites);
  return client;
}
