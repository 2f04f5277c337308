import { testConfig } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { pollIntervalMs, stretch } from './poll-interval.ts';

const planeOf = (poll_interval: number, poll_interval_relaxed = 60, requests_per_minute = 50) =>
  testConfig({ plane: { poll_interval, poll_interval_relaxed, requests_per_minute } }).plane;

test('healthy webhooks relax polling, and never make it quicker', () => {
  expect(pollIntervalMs(planeOf(15, 90), { areWebhooksHealthy: false })).toBe(15_000);
  expect(pollIntervalMs(planeOf(15, 90), { areWebhooksHealthy: true })).toBe(90_000);
  expect(pollIntervalMs(planeOf(120, 60), { areWebhooksHealthy: true })).toBe(120_000);
});

test('a project with a session is looked at every few seconds, whatever the webhooks tell', () => {
  for (const areWebhooksHealthy of [true, false]) {
    const ms = pollIntervalMs(planeOf(60), { areWebhooksHealthy, hasSession: true });
    expect(ms).toBeLessThanOrEqual(13_000); // and a second until it is asked for
  }
  expect(pollIntervalMs(planeOf(10), { areWebhooksHealthy: false, hasSession: true })).toBe(10_000);
});

test('polls of many projects leave half of the requests to what changes', () => {
  expect(stretch([60_000, 12_000], planeOf(60))).toEqual([60_000, 12_000]);
  const many = stretch(
    Array.from({ length: 10 }, () => 12_000),
    planeOf(60),
  );
  expect(many.reduce((sum, ms) => sum + 60_000 / ms, 0)).toBeCloseTo(25);
});
