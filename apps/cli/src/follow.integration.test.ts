import { silentLog } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { startApi } from '../../api/src/service.ts';
import { apiFixture } from '../../api/src/testing/api-fixture.ts';
import { createClient } from './client.ts';
import { follow } from './follow.ts';

test('events are heard once and in order while the api is stopped and started again', async () => {
  await using api = await apiFixture();
  const first = await startApi(api.config, silentLog);
  const { url } = first;
  const again = { ...api.config, api: { ...api.config.api, port: Number(new URL(url).port) } };
  const stop = new AbortController();
  const heard: string[] = [];
  const lost: string[] = [];
  const listening = follow(createClient({ url, token: undefined, warnings: [] }), {
    after: undefined,
    tickets: ['EARLY-1', 'EARLY-2', 'EARLY-3', 'LONG-1', 'LONG-2'],
    isPersistent: true,
    stop: stop.signal,
    onChange: (_, { ticket_id, to }) => heard.push(`${ticket_id} ${to}`),
    onReset: (_, why) => heard.push(`reset ${why}`),
    onLost: (why) => lost.push(why),
  });
  // nobody says when it listens: something happens until one was heard
  for (let at = 1; heard.length === 0; at++) {
    await api.bring(`EARLY-${at}`, 'pending');
    await expect
      .poll(() => heard.length, { timeout: at < 3 ? 1_000 : 15_000 })
      .toBeGreaterThan(0)
      .catch(() => undefined);
  }
  await first[Symbol.asyncDispose]();
  await api.bring('LONG-1', 'cancelled');
  await api.bring('ELSE-1', 'pending');
  await using _second = await startApi(again, silentLog);
  await api.bring('LONG-2', 'cancelled');
  await expect.poll(() => heard.at(-1)).toBe('LONG-2 cancelled');
  const later = heard.filter((one) => !one.startsWith('EARLY-'));
  expect(later).toEqual(['LONG-1 pending', 'LONG-1 cancelled', 'LONG-2 pending', 'LONG-2 cancelled']);
  expect(lost.length).toBeGreaterThan(0);
  stop.abort();
  await listening;
});
