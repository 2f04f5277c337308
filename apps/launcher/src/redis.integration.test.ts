import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@pco/shared/log';
import { connectRedis } from '@pco/shared/redis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Child, createChild } from './child.ts';
import { isFree } from './ports.ts';
import { identityOf, isAlive } from './process-identity.ts';
import { findRedisProgram, isNewEnough, preparePrivateRedis } from './redis.ts';
import { openRedisFolder } from './redis-folder.ts';
import { knock } from './redis-wire.ts';

let dataDir: string;
const children: Child[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pco-redis-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.stop()));
  rmSync(dataDir, { recursive: true, force: true });
});

async function startRedis() {
  const program = await findRedisProgram();
  if (!program) throw new Error('these tests need redis-server, valkey-server or Docker');
  const { url, spec } = await preparePrivateRedis(dataDir, program);
  const child = createChild(spec, { line: () => {}, event: () => {} });
  children.push(child);
  child.start();
  await child.firstHealth;
  return { url, child, port: Number(new URL(url).port) };
}

async function withClient<Result>(
  url: string,
  use: (redis: Awaited<ReturnType<typeof connectRedis>>['client']) => Promise<Result>,
) {
  await using redis = await connectRedis({ url, prefix: 'test', patience: 'fail' }, createLogger('test', 'silent'));
  return await use(redis.client);
}

test('a private Redis keeps its data, evicts nothing, and is for its owner alone', async () => {
  const { url, child, port } = await startRedis();
  await withClient(url, async (redis) => {
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await redis.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always']);
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    await redis.set('a', '1');
  });
  expect(statSync(join(dataDir, 'redis/password')).mode & 0o777).toBe(0o600);
  expect(statSync(join(dataDir, 'redis/redis.conf')).mode & 0o777).toBe(0o600);
  expect(await knock(port, 'wrong')).toBe('other');

  await child.stop();
  expect(await isFree(port)).toBe(true);
  expect(openRedisFolder(dataDir).running()).toBeUndefined();
  const again = await startRedis();
  expect(again.url).toBe(url);
  expect(await withClient(again.url, (redis) => redis.get('a'))).toBe('1');
});

test('a Redis that is killed comes back on the same port with what it had', async () => {
  const { url, child } = await startRedis();
  await withClient(url, (redis) => redis.set('a', '1'));
  const first = child.pid ?? 0;
  await expect.poll(() => readFileSync(join(dataDir, 'redis/redis.log'), 'utf8')).toContain('Ready to accept');
  process.kill(first, 'SIGKILL');
  await expect.poll(() => [child.state, child.pid !== first], { timeout: 5_000 }).toEqual(['healthy', true]);
  expect(await withClient(url, (redis) => redis.get('a'))).toBe('1');
});

test('a Redis that a killed launcher left behind is ended before another opens its file', async () => {
  const program = await findRedisProgram();
  if (program?.kind !== 'server') return;
  const { spec, url } = await preparePrivateRedis(dataDir, program);
  const orphan = spawn(spec.command, spec.args, { stdio: 'ignore' });
  await once(orphan, 'spawn');
  const identity = identityOf(orphan.pid ?? 0);
  if (!identity) throw new Error('it did not start');
  openRedisFolder(dataDir).noteRunning(identity.pid);
  const port = Number(new URL(url).port);
  await expect.poll(() => knock(port, openRedisFolder(dataDir).password)).toBe('ours');
  await withClient(url, (redis) => redis.set('a', '1'));

  const next = await startRedis();
  expect(isAlive(identity)).toBe(false);
  expect(next.port).toBe(port);
  expect(await withClient(next.url, (redis) => redis.get('a'))).toBe('1');
});

test.each([
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', true],
  ['Redis server v=6.2.0 sha=0', true],
  ['Redis server v=6.0.16 sha=0', false],
  ['Valkey server v=8.0.1 sha=0', true],
  ['', false],
])('%s is new enough: %s', (line, expected) => {
  expect(isNewEnough(line)).toBe(expected);
});
