import { createServer } from 'node:net';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from '../log.ts';
import { eventually, hasProgram, randomPrefix, silentLog, startRedisServer } from '../testing/index.ts';
import { connectRedis } from './connect.ts';

const to = (url: string) => ({ url, prefix: randomPrefix(), patience: 'wait' as const, startPatienceMs: 400 });
const reason = (err: unknown): string => (err instanceof Error ? err.message : String(err));

test('an address where nothing answers is one line that says where', async () => {
  const server = await startRedisServer();
  await server.kill();
  const err: unknown = await connectRedis(to(server.url), silentLog).catch((cause: unknown) => cause);
  expect(err).toMatchObject({ code: 'REDIS_UNREACHABLE' });
  expect(reason(err)).toContain(`127.0.0.1:${server.port}`);
  expect(reason(err)).toMatch(/ECONNREFUSED/);
  expect(reason(err)).not.toContain('\n');
});

test('something that accepts and says nothing is no Redis', async () => {
  const mute = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  try {
    const address = mute.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(connectRedis(to(`redis://127.0.0.1:${port}`), silentLog)).rejects.toMatchObject({
      code: 'REDIS_UNREACHABLE',
    });
  } finally {
    mute.close();
  }
});

test('a wrong password is named as such, without the password', async () => {
  await using server = await startRedisServer(['--requirepass', 'right-password']);
  const url = `redis://:wrong-password@127.0.0.1:${server.port}`;
  const err: unknown = await connectRedis(to(url), silentLog).catch((cause: unknown) => cause);
  expect(err).toMatchObject({ code: 'REDIS_UNREACHABLE' });
  expect(reason(err)).toMatch(/WRONGPASS/);
  expect(reason(err)).not.toContain('wrong-password');
  const none: unknown = await connectRedis(to(server.url), silentLog).catch((cause: unknown) => cause);
  expect(reason(none)).toMatch(/NOAUTH/);
  await using right = await connectRedis(to(`redis://:right-password@127.0.0.1:${server.port}`), silentLog);
  expect(await right.client.ping()).toBe('PONG');
});

test('a Redis that may evict keys is refused with the command that helps', async () => {
  await using server = await startRedisServer(['--maxmemory-policy', 'allkeys-lru']);
  const err: unknown = await connectRedis(to(server.url), silentLog).catch((cause: unknown) => cause);
  expect(err).toMatchObject({ code: 'REDIS_POLICY' });
  expect(reason(err)).toMatch(/allkeys-lru.*redis-cli config set maxmemory-policy noeviction/);
});

test('a Redis that comes a moment later is waited for', async () => {
  await using server = await startRedisServer();
  await server.kill();
  const connecting = connectRedis({ ...to(server.url), startPatienceMs: 10_000 }, silentLog);
  await server.start();
  await using redis = await connecting;
  expect(await redis.client.ping()).toBe('PONG');
});

test('commands wait for a Redis that went away, and the outage is told once', async () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  await using server = await startRedisServer();
  await using redis = await connectRedis(to(server.url), createLogger('test', 'info', sink));
  await server.kill();
  const answer = redis.client.ping();
  await eventually(() => lines.join('')).toContain('redis connection lost');
  await server.start();
  expect(await answer).toBe('PONG');
  await eventually(() => lines.join('')).toContain('redis connection back');
  expect(lines.filter((line) => line.includes('redis connection lost'))).toHaveLength(1);
});

test('a person who asked gets an error when Redis is away', async () => {
  await using server = await startRedisServer();
  await using redis = await connectRedis({ ...to(server.url), patience: 'fail' }, silentLog);
  await server.kill();
  await expect(redis.client.ping()).rejects.toThrow(/retries|closed|refused/i);
});

test.runIf(hasProgram('valkey-server'))('a Valkey does as well (skipped where there is no valkey-server)', async () => {
  await using server = await startRedisServer([], 'valkey-server');
  await using redis = await connectRedis(to(server.url), silentLog);
  expect(await redis.client.ping()).toBe('PONG');
});
