import { silentLog, startRedisServer } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { openFeed } from './feed.ts';
import { apiFixture } from './testing/api-fixture.ts';

test('a feed that is cut between two reads, while Redis loses what was told, begins anew and is not waited for in vain', async () => {
  await using redis = await startRedisServer();
  await using api = await apiFixture({}, undefined, { redis: { url: redis.url } });
  const { client, keys } = api.core.redis;
  await using feed = await openFeed(api.core.redis, api.core.store, silentLog);
  let gaps = 0;
  const told = { resolve: (_id: string) => {} };
  feed.follow({ batch: (entries) => told.resolve(entries.at(-1)?.id ?? ''), gap: () => (gaps += 1) });
  for (let round = 1; round <= 10; round++) {
    const heard = new Promise<string>((resolve) => {
      told.resolve = resolve;
    });
    await client.xadd(keys.events, '*', 'ticket', 'ACME-1', 'version', '1', 'status', 'pending', 'event', '{}');
    await heard; // it takes a breath now, and reads on then
    await client.pipeline().del(keys.events).call('CLIENT', 'KILL', 'TYPE', 'normal').exec();
    await feed.reach();
    expect(gaps).toBe(round);
  }
});
