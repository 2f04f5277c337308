import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RedisSettings } from '@pco/shared/redis';
import { which } from '@pco/shared/run-program';
import { freePort } from '@pco/shared/testing/free-port';
import { Redis } from 'ioredis';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';

/** A Redis that a test may kill. */
export interface MortalRedis extends AsyncDisposable {
  /** As the configuration names it, without the prefix. */
  readonly settings: Omit<RedisSettings, 'prefix'>;
  /** SIGKILL; where others can take over, until one has. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** One with an append-only file, which starts again on the same port and data. */
export interface RedisUnderTest extends MortalRedis {
  readonly url: string;
  readonly how: string;
}

/** Of the Redis that the product runs itself. */
const SETTINGS = resolve(import.meta.dirname, '../../infra/redis/redis.conf');

/** A process where a server program is on the path, else a container. */
export async function startRedisUnderTest(dir: string, more: readonly string[] = []): Promise<RedisUnderTest> {
  mkdirSync(dir, { recursive: true });
  const program = which('redis-server') ?? which('valkey-server');
  const port = await freePort();
  const redis = program ? processRedis(program, dir, port, more) : containerRedis(dir, port, more);
  await redis.start();
  return redis;
}

function processRedis(program: string, dir: string, port: number, more: readonly string[]): RedisUnderTest {
  let child: ChildProcess | undefined;
  const kill = async () => {
    const dying = child;
    child = undefined;
    if (!dying || dying.exitCode !== null) return;
    const gone = once(dying, 'exit');
    dying.kill('SIGKILL');
    await gone;
  };
  const url = `redis://127.0.0.1:${port}`;
  return {
    url,
    settings: { url },
    how: program,
    kill,
    async start() {
      const args = [SETTINGS, '--port', String(port), '--dir', dir, ...more];
      child = spawn(program, args, { stdio: 'ignore' });
      await untilAnswers(url);
    },
    [Symbol.asyncDispose]: kill,
  };
}

function containerRedis(dir: string, port: number, more: readonly string[]): RedisUnderTest {
  let container: StartedTestContainer | undefined;
  const url = `redis://127.0.0.1:${port}`;
  const kill = async () => {
    const dying = container;
    container = undefined;
    await dying?.stop({ timeout: 0, remove: true });
  };
  return {
    url,
    settings: { url },
    how: 'a container of redis:7',
    kill,
    async start() {
      container = await new GenericContainer('redis:7')
        .withExposedPorts({ container: 6379, host: port })
        .withBindMounts([
          { source: join(dir), target: '/data' },
          { source: SETTINGS, target: '/etc/redis.conf', mode: 'ro' },
        ])
        // it is reached from outside its own network
        .withCommand(['redis-server', '/etc/redis.conf', '--bind', '* -::*', '--protected-mode', 'no', ...more])
        .start();
      await untilAnswers(url);
    },
    [Symbol.asyncDispose]: kill,
  };
}

async function untilAnswers(url: string): Promise<void> {
  const probe = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  probe.on('error', () => undefined);
  await probe.ping();
  probe.disconnect();
}
