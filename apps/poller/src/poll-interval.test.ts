import { testConfig } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { pollIntervalMs } from './poll-interval.ts';

const interval = (poll_interval: number, poll_interval_relaxed: number, areWebhooksHealthy: boolean) =>
  pollIntervalMs(testConfig({ plane: { poll_interval, poll_interval_relaxed } }).plane, { areWebhooksHealthy });

test('healthy webhooks relax polling, and never make it quicker', () => {
  expect(interval(15, 90, false)).toBe(15_000);
  expect(interval(15, 90, true)).toBe(90_000);
  expect(interval(120, 60, true)).toBe(120_000);
});
