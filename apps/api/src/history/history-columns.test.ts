import type { HistoryPoint } from '@pco/shared/redis';
import { MINUTE_MS } from '@pco/shared/time';
import { expect, test } from 'vitest';
import { historyColumns } from './history-columns.ts';

const point = (at: number, done: number, over: Partial<HistoryPoint> = {}): HistoryPoint => ({
  at,
  queues: { notify: { waiting: 1, active: 2, failed: 3, done, undone: 0 } },
  tickets: { pending: 4, working: 0, waiting: 0, completed: 0, failed: 0 },
  completions: 0,
  sessions: 5,
  slots: { used: 5, capacity: 8 },
  plane: { used: 6, limit: 50 },
  ...over,
});

test('a minute in which nobody looked stays a gap, and no rate is made up over it', () => {
  const m = MINUTE_MS;
  const points = [null, point(10 * m, 100), point(11 * m, 130), null, point(13 * m, 190), point(14 * m, 190)];
  const { at, sessions, queues, slots } = historyColumns(points, 10);
  expect(at).toEqual([600, 660, 720, 780, 840]);
  expect(sessions).toEqual([5, 5, null, 5, 5]);
  expect(slots.free).toEqual([3, 3, null, 3, 3]);
  expect(queues.notify?.done_per_minute).toEqual([null, 30, null, null, 0]);
});

test('a rate counts the time between two looks, which are not a minute apart to the second', () => {
  const points = [point(0, 0), point(90_000, 30)];
  expect(historyColumns(points, 1).queues.notify?.done_per_minute).toEqual([20]);
});

test('a counter that begins anew, as after Redis was emptied, gives a gap and no negative rate', () => {
  const points = [point(0, 1_000), point(MINUTE_MS, 3)];
  expect(historyColumns(points, 1).queues.notify?.done_per_minute).toEqual([null]);
});

test('a kind of queue that came later has gaps before it', () => {
  const early = point(MINUTE_MS, 0, { queues: {} });
  const { queues } = historyColumns([null, early, point(2 * MINUTE_MS, 9)], 1);
  expect(queues.notify).toMatchObject({ waiting: [null, 1], done_per_minute: [null, null] });
});

test('without any point the columns are empty of values and not absent', () => {
  expect(historyColumns([null, null, null], 7)).toMatchObject({ at: [420, 480], sessions: [null, null], queues: {} });
});
