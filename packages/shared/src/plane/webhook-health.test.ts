import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../time.ts';
import { MISSES_ALLOWED, webhookAdvice, webhookState } from './webhook-health.ts';

const now = 1_000 * DAY_MS;
const SECRETS = ['plane_wh_0123456789abcdef'];
const state = (facts: { lastDeliveryAt?: number; missed?: number }, secrets: readonly string[] = SECRETS) =>
  webhookState(secrets, { lastDeliveryAt: 0, missed: 0, now, ...facts });

test('webhooks that nobody configured are never unhealthy', () => {
  expect(state({}, [])).toBe('off');
  expect(state({ missed: 100, lastDeliveryAt: now }, [])).toBe('off');
});

test('they are healthy while they come, and after a few missed ones too', () => {
  expect(state({ lastDeliveryAt: now - MINUTE_MS })).toBe('healthy');
  expect(state({ lastDeliveryAt: now - MINUTE_MS, missed: MISSES_ALLOWED })).toBe('healthy');
});

test('a quiet day is no alarm, but no reason to poll less either', () => {
  expect(state({})).toBe('waiting');
  expect(state({ lastDeliveryAt: now - 2 * DAY_MS })).toBe('waiting');
});

test('missing more than a few is unhealthy, and the advice says whether they ever came', () => {
  const missed = MISSES_ALLOWED + 1;
  expect(state({ missed })).toBe('unhealthy');
  expect(state({ missed, lastDeliveryAt: now - MINUTE_MS })).toBe('unhealthy');
  expect(webhookAdvice({ lastDeliveryAt: 0, missed, now })).toMatch(/never.*Workspace settings > Webhooks/);
  expect(webhookAdvice({ lastDeliveryAt: 1, missed, now })).toMatch(/stopped/);
});
