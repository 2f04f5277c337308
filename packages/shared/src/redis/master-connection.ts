import { createConnection } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, type Cluster, Command, Redis, type RedisOptions } from 'ioredis';
import { pause } from '../time.ts';
import { type Address, addressOf } from './target.ts';

const DISCONNECT_MS = 2_000;
const LOOK_MS = 100;
/** A cluster without a master for the key says so at once, as often as it is asked. */
const RETRY_MS = 200;
/** What a node says that is not the one to ask, or not any more. */
const ELSEWHERE = /^(MOVED|READONLY|UNBLOCKED|CLUSTERDOWN|MASTERDOWN) /;

/** The node that has the key, as the client of the cluster knows it now. */
export function masterOf(cluster: Cluster, key: string): Address | undefined {
  const master = cluster.slots[new Command('exists', [key]).getSlot()]?.[0];
  return master === undefined ? undefined : addressOf(master);
}

/**
 * One connection to whichever node of a cluster has the key, looked up again whenever it is made anew.
 *
 * For reads that block. A client of the whole cluster does not do for them: that it connects is promised, and the
 * promise is never kept when the cluster was just choosing another master (ioredis then connects again, and forgets
 * who waits). BullMQ waits for it, and its worker takes no job any more.
 */
export function connectionToMaster(cluster: Cluster, key: string, connectionName?: string): Redis {
  const { clusterRetryStrategy } = cluster.options;
  const { replyMapping: _, ...options }: RedisOptions = cluster.options.redisOptions ?? {};
  class ToMaster extends AbstractConnector {
    constructor() {
      super(DISCONNECT_MS);
    }
    override async connect() {
      this.connecting = true;
      let address = masterOf(cluster, key);
      for (; !address; address = masterOf(cluster, key)) {
        await pause(LOOK_MS);
        if (!this.connecting) throw new Error('Connection is closed.');
      }
      this.stream = options.tls ? connectTls({ ...address, ...options.tls }) : createConnection(address);
      this.stream.once('error', (err) => {
        this.firstError = err;
      });
      return this.stream;
    }
  }
  const connection = new Redis({
    ...options,
    connectionName,
    Connector: ToMaster,
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy(times) {
      const ms = clusterRetryStrategy?.(times); // null when the service is about to end
      return typeof ms === 'number' ? Math.max(ms, RETRY_MS) : null;
    },
    reconnectOnError: ({ message }) => (ELSEWHERE.test(message) ? 2 : false),
  });
  connection.on('close', () => cluster.refreshSlotsCache());
  return connection;
}
