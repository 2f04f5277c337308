import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPace } from './pace.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Work that takes so long, and when it began. */
function paced(tookMs: number) {
  const began: number[] = [];
  const pace = createPace(async () => {
    began.push(performance.now());
    await new Promise((done) => setTimeout(done, tookMs));
  });
  return { pace, began };
}

test('after a quiet time it begins at once', async () => {
  const { pace, began } = paced(5);
  const at = performance.now();
  pace.ask();
  expect(began).toEqual([at]);
  await vi.advanceTimersByTimeAsync(60_000);
  pace.ask();
  expect(began).toEqual([at, at + 60_000]);
});

test('who asks while it is at work is answered by the next run, all by the same', async () => {
  const { pace, began } = paced(50);
  for (let asked = 0; asked < 5; asked += 1) pace.ask();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(began).toHaveLength(2);
});

test('in a flood it slows down to twice a second, and to half of the time where the work takes long', async () => {
  for (const [tookMs, most] of [
    [10, 131],
    [1_000, 31],
  ] as const) {
    const { pace, began } = paced(tookMs);
    for (let ms = 0; ms < 60_000; ms += 10) {
      pace.ask();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(began.length).toBeLessThanOrEqual(most);
    expect(began.length).toBeGreaterThan(most / 2);
    pace.stop();
  }
});

test('changes that come now and then are each shown at once', async () => {
  const { pace, began } = paced(20);
  const asked: number[] = [];
  for (let change = 0; change < 20; change += 1) {
    asked.push(performance.now());
    pace.ask();
    await vi.advanceTimersByTimeAsync(400);
  }
  expect(began).toEqual(asked);
});

test('what could not be done stops nothing', async () => {
  let runs = 0;
  const pace = createPace(() => {
    runs += 1;
    return Promise.reject(new Error('away'));
  });
  pace.ask();
  await vi.advanceTimersByTimeAsync(5_000);
  pace.ask();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(runs).toBe(2);
});
