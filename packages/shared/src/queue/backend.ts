import { type QueueBaseOptions, QueueKeys, RedisConnection, RedisQueueBackend } from 'bullmq';
import { blockingClient, type RedisClient } from '../redis/index.ts';

/** What a worker does over the shared connection, and its wait for jobs over one of its own. */
export interface WorkerBackend {
  /** The connection that waits. */
  readonly waiting: RedisClient;
  readonly make: (name: string, options: QueueBaseOptions) => RedisQueueBackend;
}

/** As BullMQ makes it, but for the connection that waits: in a cluster its own one never comes back from some failovers. */
export function workerBackend(client: RedisClient, queue: string, prefix: string): WorkerBackend {
  const keys = new QueueKeys(prefix);
  const toKey = (type: string) => keys.toKey(queue, type);
  const connectionName = `${prefix}:${Buffer.from(queue).toString('base64')}`; // by which `getWorkers` finds workers
  const waiting = blockingClient(client, toKey('marker'), connectionName);
  return {
    waiting,
    make(name, options) {
      const shared = new RedisConnection(client, { shared: true, blocking: false });
      const own = new RedisConnection(waiting, { shared: false, blocking: true });
      return new RedisQueueBackend(shared, name, keys.getKeys(name), toKey, options, own);
    },
  };
}
