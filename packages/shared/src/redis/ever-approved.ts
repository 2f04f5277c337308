import type { RedisHandle } from './connect.ts';

/** Whether any ticket was ever approved in this installation, as its commits have counted it. */
export const wasEverApproved = async ({ client, keys }: RedisHandle): Promise<boolean> =>
  Number((await client.hget(keys.counters, 'tickets_moved_total approved')) ?? 0) > 0;
