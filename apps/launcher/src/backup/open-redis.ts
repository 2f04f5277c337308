import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Config } from '@pco/shared/config';
import { isCode, messageOf } from '@pco/shared/errors';
import { createLogger } from '@pco/shared/log';
import { connectRedis, keyOfPlace, namesRedis, type RedisHandle, type RedisSettings } from '@pco/shared/redis';
import type { ChildSpec } from '../child.ts';
import { holderOf } from '../lock.ts';
import { bringPrograms, holdDataDir } from '../preflight.ts';
import { preparePrivateRedis } from '../redis.ts';
import { openRedisFolder } from '../redis-folder.ts';
import { Refusal } from '../refusal.ts';
import type { Terminal } from '../terminal.ts';

/**
 * The Redis of an installation: the configured one, or the private one of the data folder, which is started for as long
 * as we need it where `npm start` does not run.
 *
 * @throws Refusal when it does not answer
 */
export async function openRedis(config: Config, terminal: Terminal): Promise<RedisHandle> {
  const { redis } = config;
  if (namesRedis(redis)) return await connect(redis);
  if (holderOf(config.data_dir) !== undefined) return await connect({ ...redis, url: runningUrl(config.data_dir) });
  await using stack = new AsyncDisposableStack();
  const lock = await holdDataDir(config.data_dir, terminal);
  stack.defer(() => lock.release());
  const program = await bringPrograms(true, terminal);
  if (!program) throw new Refusal('no Redis >= 6.2 here; install redis-server');
  const own = await preparePrivateRedis(config.data_dir, program);
  stack.defer(await startOnce(own.spec));
  const handle = stack.use(await connect({ ...redis, url: own.url }));
  const open = stack.move();
  return { ...handle, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

function runningUrl(dataDir: string): string {
  const folder = openRedisFolder(dataDir);
  return `redis://:${folder.password}@127.0.0.1:${folder.lastPort() ?? 0}/0`;
}

async function connect(settings: RedisSettings): Promise<RedisHandle> {
  try {
    return await connectRedis({ ...settings, patience: 'wait' }, createLogger('backup', 'silent'));
  } catch (err) {
    if (isCode(err, 'REDIS_UNREACHABLE', 'REDIS_POLICY', 'REDIS_VERSION'))
      throw new Refusal(`${keyOfPlace(settings)}: ${messageOf(err)}`, { cause: err });
    throw err;
  }
}

const READY_MS = 60_000; // a large file is read for a while

/** @returns what stops it, and waits until its file is written */
async function startOnce(spec: ChildSpec): Promise<() => Promise<void>> {
  const { command, args, env, cwd } = spec;
  const child = spawn(command, args, { cwd, env: { ...env }, stdio: 'ignore' });
  const ended = once(child, 'exit').catch(() => undefined); // `error`: it could not be started
  const afterwards = child.pid === undefined ? undefined : spec.onSpawn?.(child.pid);
  const gone = new AbortController();
  const isReady = await Promise.race([
    spec.ready(AbortSignal.any([gone.signal, AbortSignal.timeout(READY_MS)])).then(() => true),
    ended.then(() => false),
  ]);
  gone.abort();
  const stop = async () => {
    end(child);
    await ended;
    afterwards?.();
  };
  if (isReady) return stop;
  await stop();
  throw new Refusal(`the private Redis does not start; ${cwd}/redis.log says why`);
}

function end(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
}
