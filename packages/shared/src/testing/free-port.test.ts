import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { freePort } from './free-port.ts';

test('no port is given twice, however many are asked for and let go of', async () => {
  // by chance alone one would come again: 500 of some 14,000
  const ports = await Promise.all(Array.from({ length: 500 }, () => freePort()));
  expect(new Set(ports).size).toBe(ports.length);
  const other = createSocket('udp4');
  const [first = 0] = ports;
  other.bind({ port: first, address: '127.0.0.1', exclusive: true }); // as another process would claim it
  await expect(once(other, 'listening')).rejects.toThrow('EADDRINUSE');
  other.close();
});
