import { coreFixture, eventually, silentLog, trigger } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { openFeed } from '../feed.ts';
import { openEventHub } from './hub.ts';

/** A hub that beats often and has little patience. */
async function hubFixture(stalledMaxMs: number) {
  await using stack = new AsyncDisposableStack();
  const core = stack.use(await coreFixture());
  const feed = stack.use(await openFeed(core.redis, core.store, silentLog));
  const hub = stack.use(
    openEventHub(feed, core.redis, { readers: 10, readersPerClient: 10, heartbeatMs: 50, stalledMaxMs }),
  );
  const opened = stack.move();
  return { core, hub, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test('while nothing happens a reader hears heartbeats, with the id that it has come to', async () => {
  await using f = await hubFixture(60_000);
  await f.core.change(trigger());
  let text = '';
  f.hub.open('one', {}).on('data', (chunk) => {
    text += chunk;
  });
  const beats = () => text.split('\n\n').filter((frame) => /^(:|id:)/.test(frame) && !frame.includes('event:'));
  await eventually(() => beats().length).toBeGreaterThanOrEqual(3);
  const [end] = (await f.core.redis.client.xrevrange(f.core.redis.keys.events, '+', '-', 'COUNT', 1)).map(([id]) => id);
  expect(beats().at(-1)).toContain(`id: ${end}`);
});

test('a reader that takes nothing for too long is let go; one that only hears nothing is not', async () => {
  await using f = await hubFixture(300);
  const stuck = f.hub.open('stuck', {}); // nobody reads it
  let quiet = '';
  const other = f.hub.open('other', { tickets: ['NOBODY-1'] }).on('data', (chunk) => {
    quiet += chunk;
  });
  // more than its buffer holds
  const { client, keys } = f.core.redis;
  const event = JSON.stringify({ type: 'work_item.changed', from: 'pending', to: 'pending', by: 'x'.repeat(200) });
  for (let at = 1; at <= 400; at += 1)
    await client.xadd(keys.events, '*', 'ticket', 'ACME-1', 'version', at, 'status', 'pending', 'event', event);
  await eventually(() => stuck.destroyed).toBe(true);
  expect(f.hub.readers()).toBe(1);
  expect(other.destroyed).toBe(false);
  expect(quiet).toContain('event: hello');
});
