import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, freePortNear, isFree } from './ports.ts';

test('a wished port is kept while it is free, and replaced when taken or promised', async () => {
  const wish = await freePort();
  expect(await freePortNear(wish, new Set())).toBe(wish);
  expect(await freePortNear(wish, new Set([wish]))).not.toBe(wish);
  const other = createServer().listen(wish, '127.0.0.1');
  await once(other, 'listening');
  expect(await isFree(wish)).toBe(false);
  expect(await freePortNear(wish, new Set())).not.toBe(wish);
  other.close();
  await once(other, 'close');
});
