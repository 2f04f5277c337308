import { expect, test } from 'vitest';
import { by, eventually, silentLog, storeFixture, trigger } from '../testing/index.ts';
import { DAY_MS } from '../time.ts';
import { startRetention } from './retention.ts';

test('tickets that have been finished for long are forgotten, whatever else stands among them', async () => {
  await using f = await storeFixture();
  const { client, keys } = f.redis;
  const ids = ['ACME-1', 'ACME-2', 'ACME-3', 'ACME-4'];
  for (const ticketId of ids) {
    await f.commit({ ...trigger(), ticketId });
    if (ticketId !== 'ACME-4') await f.commit({ type: 'person.cancelled', by, ticketId });
  }
  const { now } = await f.store.load('ACME-1');
  const finished = (id: string, days: number) => client.zadd(keys.status('cancelled'), now - days * DAY_MS, id);
  await finished('ACME-1', 40);
  await finished('ACME-2', 31);
  await finished('ACME-3', 29);
  await client.zadd(keys.status('pending'), now - 400 * DAY_MS, 'ACME-4');
  await client.hset(keys.ticket('ACME-1'), 'record', 'not JSON');
  await using _retention = startRetention(f.store, 30, silentLog);
  await eventually(async () => (await f.store.load('ACME-2')).ticket).toBeNull();
  expect((await f.store.load('ACME-3')).ticket?.status).toBe('cancelled');
  expect((await f.store.load('ACME-4')).ticket?.status).toBe('pending');
  expect(await client.hget(keys.ticket('ACME-1'), 'record')).toBe('not JSON'); // kept for a person to look at
});
