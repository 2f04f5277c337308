import { HISTORY_MAX_MINUTES, History } from '@pco/shared/contracts/http';
import { createHistoryStore, type HistoryPoint, minuteOf } from '@pco/shared/redis';
import { eventually } from '@pco/shared/testing';
import { MINUTE_MS } from '@pco/shared/time';
import { expect, test } from 'vitest';
import { recordOnce } from './history/record-history.ts';
import type { SharedState } from './metrics/shared-state.ts';
import { type ApiFixture, apiFixture } from './testing/api-fixture.ts';

const history = async (api: ApiFixture, query = '') => History.parse((await api.get(`/api/history${query}`)).json);
const isSeen = (column: readonly (number | null)[]) => column.some((value) => value !== null);
const storeOf = (api: ApiFixture) => createHistoryStore(api.core.redis);

const point = (at: number): HistoryPoint => ({
  at,
  queues: {},
  tickets: { pending: 7, working: 0, waiting: 0, completed: 0, failed: 0 },
  completions: 0,
  sessions: 0,
  slots: { used: 0, capacity: 0 },
  plane: { used: 0, limit: 0 },
});

test('each minute is noted by itself, with what there is', async () => {
  await using api = await apiFixture();
  await eventually(async () => isSeen((await history(api)).sessions)).toBe(true);
  const now = await history(api);
  expect(now.at).toHaveLength(360);
  expect(now.at.at(-1)).toBeGreaterThan(Date.now() / 1_000 - 120);
  expect(Object.keys(now.queues)).toEqual(expect.arrayContaining(['plane-read', 'session', 'plane-write', 'notify']));
  const noted = now.sessions.findIndex((value) => value !== null);
  expect(now.tickets.pending[noted]).toBe(0);
  expect(now.plane.limit[noted]).toBe(50);
  expect(now.queues.notify?.waiting[noted]).toBe(0);
});

test('of several apis one notes a minute; it is there for all, and after a restart', async () => {
  await using first = await apiFixture();
  const { prefix } = first.core.redis;
  await eventually(async () => isSeen((await history(first)).sessions)).toBe(true);
  const noted = await first.core.redis.client.hgetall(first.core.redis.keys.history);
  await using second = await apiFixture({}, prefix);
  expect(isSeen((await history(second)).sessions)).toBe(true);
  const held = await first.core.redis.client.hgetall(first.core.redis.keys.history);
  expect(held).toMatchObject(noted); // the minute may have changed meanwhile; what was noted stays
});

test('a minute that is noted is not looked at again', async () => {
  await using api = await apiFixture();
  let looks = 0;
  const read = async (): Promise<SharedState> => {
    looks += 1;
    throw new Error('nobody needs this');
  };
  const { redis } = api.core;
  const store = storeOf(api);
  const everyMinute = { ...store, has: async () => true };
  await recordOnce({ redis, history: everyMinute, read });
  expect(looks).toBe(0);
});

test('a day is kept and no more; a gap stays one, and what nobody can read is one', async () => {
  await using api = await apiFixture();
  const store = storeOf(api);
  const { redis } = api.core;
  const [seconds] = await redis.client.time();
  const now = minuteOf(Number(seconds) * 1_000) + 5; // not a minute that the api itself notes
  for (let ago = 0; ago < HISTORY_MAX_MINUTES + 60; ago += 1)
    if (ago % 10 !== 3) await store.add(point((now - HISTORY_MAX_MINUTES - 60 + ago) * MINUTE_MS));
  await store.add(point(now * MINUTE_MS));
  expect(await redis.client.hlen(redis.keys.history)).toBeLessThanOrEqual(HISTORY_MAX_MINUTES);
  const held = await store.range(now - HISTORY_MAX_MINUTES + 1, now);
  expect(held.filter((one) => one === null).length).toBeGreaterThan(HISTORY_MAX_MINUTES / 10 - 20);
  expect(held.at(-1)).toMatchObject({ at: now * MINUTE_MS });
  await redis.client.hset(redis.keys.history, String(now % HISTORY_MAX_MINUTES), '{"at":');
  expect((await store.range(now, now))[0]).toBeNull();
  expect((await history(api, '?minutes=1440')).at).toHaveLength(1_440);
});

test('how far back is a number of minutes within a day', async () => {
  await using api = await apiFixture();
  for (const wrong of ['0', '1441', '1.5', 'x'])
    expect((await api.get(`/api/history?minutes=${wrong}`)).status).toBe(422);
});
