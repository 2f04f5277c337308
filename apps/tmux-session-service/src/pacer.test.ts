import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPacer } from './pacer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const fake = (work: () => Promise<void>) => {
  const onError = vi.fn();
  return { onError, ...createPacer({ delayMs: 100, periodMs: 60_000, work, onError }) };
};

test('work repeats every period, and once soon after a burst of wishes', async () => {
  const work = vi.fn(async () => {});
  await using pacer = fake(work);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(work).toHaveBeenCalledTimes(1);
  for (let count = 0; count < 10; count++) pacer.hurry();
  await vi.advanceTimersByTimeAsync(100);
  expect(work).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(59_999);
  expect(work).toHaveBeenCalledTimes(2);
});

test('a wish while it works is granted afterwards, and a failure stops nothing', async () => {
  const first = Promise.withResolvers<void>();
  const work = vi.fn(() => first.promise);
  await using pacer = fake(work);
  pacer.hurry();
  await vi.advanceTimersByTimeAsync(100);
  pacer.hurry();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(work).toHaveBeenCalledTimes(1);
  first.reject(new Error('no'));
  await vi.advanceTimersByTimeAsync(100);
  expect(pacer.onError).toHaveBeenCalled();
  expect(work).toHaveBeenCalledTimes(2);
});

test('nothing happens after the stop', async () => {
  const work = vi.fn(async () => {});
  const pacer = fake(work);
  await pacer[Symbol.asyncDispose]();
  pacer.hurry();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(work).not.toHaveBeenCalled();
});
