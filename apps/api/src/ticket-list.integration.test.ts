import { TicketList } from '@pco/shared/contracts/http';
import { eventually, startRedisServer, trigger, workItem } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './testing/api-fixture.ts';

async function list(api: ApiFixture, query = '') {
  const { status, json } = await api.get(`/api/tickets${query}`);
  expect(status).toBe(200);
  const { tickets, next_cursor } = TicketList.parse(json);
  return { tickets, next_cursor, ids: tickets.map(({ id }) => id) };
}

async function walk(
  api: ApiFixture,
  query: string,
  between: () => Promise<unknown> = async () => {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const page = await list(api, `${query}${cursor}`);
    ids.push(...page.ids);
    if (page.next_cursor === null) return ids;
    cursor = `&cursor=${page.next_cursor}`;
    await between();
  }
}

const begin = async (api: ApiFixture, id: string, over: Record<string, unknown> = {}) => {
  await api.core.change({ ...trigger({ workItem: over }), ticketId: id });
};

test('pages hold every ticket once, newest first, while tickets change and come', async () => {
  await using api = await apiFixture();
  const all = Array.from({ length: 25 }, (_, index) => `ACME-${index + 1}`);
  for (const id of all) await begin(api, id);
  let count = 0;
  const ids = await walk(api, '?limit=4', async () => {
    count += 1;
    await api.core.change({ type: 'person.approved', by: 'ada', ticketId: `ACME-${count}` });
    await begin(api, `ACME-${100 + count}`);
  });
  expect([...ids].sort()).toEqual([...all].sort());
  const numbers = ids.map((id) => Number(id.slice(5)));
  expect((await list(api)).ids.slice(0, 3)).toEqual(['ACME-106', 'ACME-105', 'ACME-104']);
  expect(numbers[0]).toBeGreaterThan(numbers.at(-1) ?? 0);
});

test('tickets are chosen by statuses, projects and words, in any combination', async () => {
  await using api = await apiFixture();
  await begin(api, 'ACME-1', { title: 'Login fails on Safari', labels: ['Bug', 'web'] });
  await begin(api, 'ACME-2', { title: 'Überweisung', labels: [] });
  await begin(api, 'OPS-1', { title: 'Login page is slow', project: 'OPS', projectId: 'project-ops' });
  await api.core.change({ type: 'person.approved', by: 'ada', ticketId: 'OPS-1' });
  await api.core.change({ type: 'person.cancelled', by: 'ada', ticketId: 'ACME-2' });
  const cases = {
    '': ['ACME-1', 'ACME-2', 'OPS-1'],
    '?status=pending': ['ACME-1'],
    '?status=pending&status=approved': ['ACME-1', 'OPS-1'],
    '?status=pending,cancelled': ['ACME-1', 'ACME-2'],
    '?project=OPS': ['OPS-1'],
    '?project=project-ops': ['OPS-1'],
    '?project=OPS&status=pending': [],
    '?text=login': ['ACME-1', 'OPS-1'],
    '?text=LOGIN%20safari': ['ACME-1'],
    '?text=bug%20web': ['ACME-1'],
    '?text=%C3%BCberweisung': ['ACME-2'],
    '?text=ops-1': ['OPS-1'],
    '?text=login&status=approved': ['OPS-1'],
    '?text=nothing': [],
  };
  for (const [query, expected] of Object.entries(cases)) expect((await list(api, query)).ids.sort()).toEqual(expected);
});

test('a row says what one chooses by, and leaves long texts to the ticket itself', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'waiting');
  const { tickets } = await list(api);
  expect(tickets).toEqual([
    expect.objectContaining({
      id: 'ACME-1',
      version: 5,
      project: 'ACME',
      title: 'Login fails',
      status: 'waiting',
      labels: ['bug'],
      session_id: 'claude-ACME-1',
      waiting_for: { state: 'asking', since: expect.any(String) },
    }),
  ]);
  expect(JSON.stringify(tickets)).not.toContain('Steps to repeat');
});

test('a query that makes no sense is refused and says which part', async () => {
  await using api = await apiFixture();
  for (const [query, part] of [
    ['?limit=0', 'limit'],
    ['?limit=201', 'limit'],
    ['?status=gone', 'status'],
    ['?cursor=abc', 'cursor'],
    ['?colour=red', 'colour'],
    [`?text=${'x'.repeat(201)}`, 'text'],
  ]) {
    const { status, text } = await api.get(`/api/tickets${query}`);
    expect(status).toBe(422);
    expect(text).toContain(part);
  }
});

test('a cursor holds at another replica, after a restart, and when its ticket is gone', async () => {
  await using one = await apiFixture();
  for (let number = 1; number <= 6; number += 1) await begin(one, `ACME-${number}`);
  const { next_cursor } = await list(one, '?limit=3');
  await one.core.change({ type: 'person.cancelled', by: 'ada', ticketId: 'ACME-4' });
  await one.core.store.purge(await one.core.store.load('ACME-4'));
  await using two = await apiFixture({}, one.config.redis.prefix);
  expect((await list(two, `?limit=3&cursor=${next_cursor}`)).ids).toEqual(['ACME-3', 'ACME-2', 'ACME-1']);
});

test('whatever was committed before the question, at whichever replica, is in the answer', async () => {
  await using one = await apiFixture();
  await using two = await apiFixture({}, one.config.redis.prefix);
  for (let number = 1; number <= 20; number += 1) {
    const id = `ACME-${number}`;
    await begin(one, id);
    expect((await list(one, '?status=pending')).ids).toEqual([id]);
    expect((await one.post(`/api/approve/${id}?wait=0`)).status).toBe(202);
    for (const replica of [one, two]) {
      expect((await list(replica, '?status=pending')).ids).toEqual([]);
      expect((await list(replica, '?status=approved&limit=1')).ids).toEqual([id]);
    }
    expect(Object((await two.get('/api/active-sessions')).json).length).toBe(number);
  }
});

test('a forgotten ticket leaves the lists', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'cancelled');
  await api.bring('ACME-2', 'pending');
  expect((await list(api)).ids).toEqual(['ACME-2', 'ACME-1']);
  expect(await api.core.store.purge(await api.core.store.load('ACME-1'))).toBe(true);
  expect((await list(api)).ids).toEqual(['ACME-2']);
});

test('lists are made anew when the feed was cut, with what nobody told of', async () => {
  await using redis = await startRedisServer();
  await using api = await apiFixture({}, undefined, { redis: { url: redis.url } });
  await api.bring('ACME-1', 'pending');
  await api.bring('ACME-2', 'pending');
  expect((await list(api)).ids).toHaveLength(2);
  const { client, keys } = api.core.redis;
  await client.del(keys.ticket('ACME-1'));
  await client.zrem(keys.status('pending'), 'ACME-1');
  await client.del(keys.events);
  await client.call('CLIENT', 'KILL', 'TYPE', 'normal');
  await eventually(async () => (await list(api)).ids).toEqual(['ACME-2']);
});

test('a Redis that comes back with other tickets is never answered with the old ones', async () => {
  await using redis = await startRedisServer();
  await using api = await apiFixture({}, undefined, { redis: { url: redis.url } });
  await api.bring('ACME-1', 'pending');
  expect((await list(api)).ids).toEqual(['ACME-1']);
  await redis.kill();
  expect((await api.get('/api/tickets')).status).toBe(503);
  await redis.start(); // empty
  const answers = async () => {
    const { status, json } = await api.get('/api/tickets');
    return status === 200 ? TicketList.parse(json).tickets : status;
  };
  await eventually(answers).not.toBe(503);
  expect(await answers()).toEqual([]);
  await api.bring('ACME-2', 'pending');
  expect((await list(api)).ids).toEqual(['ACME-2']);
  await eventually(async () => (await api.get('/readyz')).json).toMatchObject({
    ok: true,
    checks: { lists: 'current' },
  });
});

test('a ticket whose commits Redis has lost is shown as it is now, though its version was there before', async () => {
  await using redis = await startRedisServer();
  await using api = await apiFixture({}, undefined, { redis: { url: redis.url } });
  const titles = async () => {
    const answers = [await api.get('/api/tickets/ACME-1'), await api.get('/api/pending-tickets')];
    return answers.map(({ json }) => Object([json].flat()[0]).title);
  };
  await begin(api, 'ACME-1', { ...workItem({ title: 'before' }) });
  expect(await titles()).toEqual(['before', 'before']);
  expect(await titles()).toEqual(['before', 'before']);
  await redis.kill();
  await redis.start(); // empty
  await eventually(async () => (await api.get('/api/tickets')).status).toBe(200);
  await begin(api, 'ACME-1', { ...workItem({ title: 'after' }) });
  expect(await titles()).toEqual(['after', 'after']);
});

test('what stands in a row comes from a work item of any wording', async () => {
  await using api = await apiFixture();
  const title = '<img src=x onerror=alert(1)> "\\ \u2028 😀';
  await begin(api, 'ACME-1', { ...workItem({ title }) });
  expect((await list(api)).tickets[0]?.title).toBe(title);
});
