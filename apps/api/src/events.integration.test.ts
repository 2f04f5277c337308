import { FeedHello, FeedReset, TicketChange } from '@pco/shared/contracts/http';
import { eventually, startRedisServer } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './testing/api-fixture.ts';
import { listen } from './testing/listen.ts';

/** What the feed holds, in its order. */
const fed = async ({ core }: ApiFixture): Promise<string[]> =>
  (await core.redis.client.xrange(core.redis.keys.events, '-', '+')).map(([id]) => id);

const firstEvents = async (heard: readonly { event: string }[], count = 1) => {
  await eventually(() => heard.length).toBeGreaterThanOrEqual(count);
  return heard.slice(0, count).map(({ event }) => event);
};

test('who listens is told of every change, in words of the contract and without what anybody wrote', async () => {
  await using api = await apiFixture();
  using reader = await listen(api.url);
  expect(reader.status).toBe(200);
  expect(reader.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  await api.bring('ACME-1', 'done');
  const expected = await fed(api);
  await eventually(reader.ids).toEqual(expected);
  const [hello, ...rest] = reader.heard;
  expect(hello).toMatchObject({ event: 'hello', id: '0-0', data: FeedHello.parse({ heartbeat: 15 }) });
  const changes = rest.map(({ data }) => TicketChange.parse(data));
  expect(changes.map(({ version }) => version)).toEqual(expected.map((_, index) => index + 1));
  expect(changes[0]).toMatchObject({ type: 'trigger.seen', from: null, to: 'pending' });
  expect(changes[1]).toMatchObject({ type: 'person.approved', from: 'pending', to: 'approved', by: 'somebody' });
  for (const written of ['Login fails', 'Steps to repeat', 'Fixed it', 'b5bb9d8014a0f9b1'])
    expect(reader.text()).not.toContain(written);
});

test('who comes back with the last id, in the header or the query, gets exactly what followed', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'active');
  const [first = '', second = '', ...others] = await fed(api);
  using byHeader = await listen(api.url, { headers: { 'last-event-id': second } });
  using byQuery = await listen(api.url, { query: `?last_event_id=${first}` });
  await eventually(byHeader.ids).toEqual(others);
  await eventually(byQuery.ids).toEqual([second, ...others]);
  await api.bring('ACME-2', 'pending');
  const all = await fed(api);
  await eventually(byHeader.ids).toEqual(all.slice(2));
  await eventually(byQuery.ids).toEqual(all.slice(1));
});

test('a reader moves between replicas without gap or repetition', async () => {
  await using one = await apiFixture();
  await using two = await apiFixture({}, one.config.redis.prefix);
  using before = await listen(one.url);
  await one.bring('ACME-1', 'active');
  await eventually(before.ids).toEqual(await fed(one));
  await one.bring('ACME-2', 'active');
  const last = before.lastEventId() ?? '';
  using after = await listen(two.url, { headers: { 'last-event-id': last } });
  await one.bring('ACME-3', 'active');
  const all = await fed(one);
  await eventually(after.ids).toEqual(all.slice(all.indexOf(last) + 1));
});

test('an id that is older than the feed, was never in it or comes from the future is answered with reset', async () => {
  await using before = await apiFixture();
  await before.bring('ACME-1', 'active');
  const [old = '', ...kept] = await fed(before);
  const { client, keys } = before.core.redis;
  await client.xdel(keys.events, old);
  await using api = await apiFixture({}, before.config.redis.prefix); // that has not seen it either
  const last = kept.at(-1) ?? '';
  const ms = Number(last.split('-')[0]);
  const cases = { [old]: 'trimmed', [`${ms}-999`]: 'unknown', [`${ms + 60_000}-0`]: 'unknown', nonsense: 'unknown' };
  for (const [id, why] of Object.entries(cases)) {
    using reader = await listen(api.url, { headers: { 'last-event-id': id } });
    expect(await firstEvents(reader.heard, 2)).toEqual(['hello', 'reset']);
    expect(reader.heard[0]?.id).toBeUndefined();
    expect(reader.heard[1]).toEqual({ id: last, event: 'reset', data: FeedReset.parse({ why }) });
  }
});

test('after a reset the reader goes on with what happens from then', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'pending');
  using reader = await listen(api.url, { headers: { 'last-event-id': '5-0' } });
  await firstEvents(reader.heard, 2);
  const known = (await fed(api)).length;
  await api.bring('ACME-2', 'pending');
  await eventually(reader.ids).toEqual((await fed(api)).slice(known));
});

test('who asks for some tickets is told of those only', async () => {
  await using api = await apiFixture();
  using reader = await listen(api.url, { query: '?ticket=ACME-2&ticket=ACME-4' });
  for (const id of ['ACME-1', 'ACME-2', 'ACME-3', 'ACME-4']) await api.bring(id, 'pending');
  const tickets = () => reader.heard.slice(1).map(({ data }) => TicketChange.parse(data).ticket_id);
  await eventually(tickets).toEqual(['ACME-2', 'ACME-4']);
});

test('a request that makes no sense is refused with the reason', async () => {
  await using api = await apiFixture();
  for (const query of ['?tickets=ACME-1', '?ticket=../etc', `?last_event_id=${'9'.repeat(99)}`])
    expect(await api.get(`/api/events${query}`)).toMatchObject({ status: 422, json: { code: 'PAYLOAD_INVALID' } });
});

test('one client has a bounded number of connections, and a closed one makes room', async () => {
  await using api = await apiFixture({ event_readers_per_client: 2 });
  const first = await listen(api.url);
  using second = await listen(api.url);
  expect(second.status).toBe(200);
  expect(await api.get('/api/events')).toMatchObject({
    status: 429,
    json: { code: 'TOO_MANY_READERS', detail: expect.stringContaining('api.event_readers_per_client') },
  });
  first[Symbol.dispose]();
  const statusOfNext = async () => {
    using next = await listen(api.url);
    return next.status;
  };
  await eventually(statusOfNext).toBe(200);
});

test('a reader that does not read holds up nobody, and gets everything once it reads on', async () => {
  await using api = await apiFixture();
  using slow = await listen(api.url);
  using quick = await listen(api.url);
  await firstEvents(slow.heard);
  slow.stopReading();
  // more than its socket's buffers and the memory of the api hold
  await feedMany(api, 15_000);
  const all = await fed(api);
  await eventually(() => quick.ids().length).toBe(all.length);
  expect(quick.ids()).toEqual(all);
  expect(slow.ids().length).toBeLessThan(all.length);
  slow.readOn();
  await eventually(() => slow.ids().length).toBe(all.length);
  expect(slow.ids()).toEqual(all);
});

/** Entries as `commit.lua` writes them. */
async function feedMany({ core }: ApiFixture, count: number): Promise<void> {
  const { client, keys } = core.redis;
  const event = JSON.stringify({ type: 'work_item.changed', from: 'pending', to: 'pending', by: 'x'.repeat(100) });
  for (let done = 0; done < count; done += 500) {
    const pipeline = client.pipeline();
    for (let at = done; at < Math.min(done + 500, count); at += 1)
      pipeline.xadd(keys.events, '*', 'ticket', 'ACME-1', 'version', at + 1, 'status', 'pending', 'event', event);
    await pipeline.exec();
  }
}

test('a Redis that comes back without its end of the feed makes every reader begin anew', async () => {
  await using redis = await startRedisServer();
  await using api = await apiFixture({}, undefined, { redis: { url: redis.url } });
  using reader = await listen(api.url);
  await api.bring('ACME-1', 'active');
  await eventually(() => reader.ids().length).toBe(4);
  await redis.kill();
  await redis.start(); // empty
  await eventually(() => reader.heard.at(-1)?.event).toBe('reset');
  await api.bring('ACME-2', 'pending');
  await eventually(reader.ids).toEqual([...reader.ids().slice(0, 4), ...(await fed(api))]);
});
