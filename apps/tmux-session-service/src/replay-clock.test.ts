import { expect, test } from 'vitest';
import { createReplayClock } from './replay-clock.ts';

function clockAt() {
  const time = { now: 5_000 };
  return { time, clock: createReplayClock(() => time.now) };
}

test('it moves while it plays, at its speed, and stands while it is paused', () => {
  const { time, clock } = clockAt();
  time.now += 1_000;
  expect(clock.atMs).toBe(1_000);
  clock.play(4);
  time.now += 1_000;
  expect(clock.atMs).toBe(5_000);
  clock.pause();
  time.now += 60_000;
  expect([clock.atMs, clock.isPlaying, clock.msUntil(5_001)]).toEqual([5_000, false, Number.POSITIVE_INFINITY]);
  clock.play();
  time.now += 500;
  expect([clock.atMs, clock.speed]).toEqual([7_000, 4]);
});

test('what is due, and how long the rest has to wait', () => {
  const { time, clock } = clockAt();
  clock.play(2);
  expect([clock.msUntil(0), clock.msUntil(3_000)]).toEqual([0, 1_500]);
  time.now += 1_500;
  expect(clock.msUntil(3_000)).toBe(0);
  clock.moveTo(100);
  expect(clock.msUntil(3_000)).toBe(1_450);
  clock.pause();
  clock.moveTo(4_000);
  expect(clock.msUntil(3_000)).toBe(0);
});
