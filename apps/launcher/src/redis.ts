import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isCode, messageOf } from '@pco/shared/errors';
import { createLogger } from '@pco/shared/log';
import { connectRedis, keyOfPlace, type RedisSettings } from '@pco/shared/redis';
import { run, which } from '@pco/shared/run-program';
import { pause, SECOND_MS } from '@pco/shared/time';
import type { ChildSpec } from './child.ts';
import { isAlive } from './process-identity.ts';
import { openRedisFolder, type RedisFolder } from './redis-folder.ts';
import { knock, sendShutdown } from './redis-wire.ts';
import { Refusal } from './refusal.ts';
import { REDIS_PROGRAMS } from './system-packages.ts';

export type RedisProgram = { readonly kind: 'server'; readonly path: string } | { readonly kind: 'docker' };
export const REDIS_IMAGE = 'redis:7';

/** A Redis program on the PATH that is new enough, else a Docker engine that answers; undefined when there is neither. */
export async function findRedisProgram(): Promise<RedisProgram | undefined> {
  for (const path of REDIS_PROGRAMS.map((name) => which(name)).filter((path) => path !== undefined))
    if (isNewEnough((await run(path, ['--version'])).stdout)) return { kind: 'server', path };
  const docker = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 5 * SECOND_MS });
  return docker.ok && docker.stdout.trim() !== '' ? { kind: 'docker' } : undefined;
}

/** `Redis server v=7.0.15 …` or `Valkey server v=8.0.1 …`; 6.2 is what the queues need. */
export function isNewEnough(versionLine: string): boolean {
  const [, major, minor] = /\bv=(\d+)\.(\d+)/.exec(versionLine) ?? [];
  return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 2);
}

export interface PrivateRedis {
  readonly url: string;
  readonly spec: ChildSpec;
}

/** Prepares the Redis of this data folder: ends one that a killed launcher left behind, picks a port, writes its file. */
export async function preparePrivateRedis(dataDir: string, program: RedisProgram): Promise<PrivateRedis> {
  const folder = openRedisFolder(dataDir);
  await endStale(folder, program);
  const port = await folder.choosePort();
  const url = `redis://:${folder.password}@127.0.0.1:${port}/0`;
  const base = {
    name: 'redis',
    env: { PATH: process.env.PATH ?? '' },
    cwd: folder.dir,
    ready: (signal: AbortSignal) => untilOurs(port, folder.password, signal),
    stopMs: 15 * SECOND_MS, // it writes its file
  };
  return {
    url,
    spec: { ...base, ...(program.kind === 'server' ? native(folder, port, program.path) : container(folder, port)) },
  };
}

/**
 * Two Redis on one append-only file destroy it. A launcher that was killed leaves its Redis running for a moment
 * (`watchOver`), or for good if the machine was in trouble: it is asked to end, then made to.
 */
export async function endStale(folder: RedisFolder, program: RedisProgram): Promise<void> {
  if (program.kind === 'docker') await run('docker', ['stop', '-t', '10', folder.container]);
  const port = folder.lastPort();
  const isOurs = async () => port !== undefined && (await knock(port, folder.password)) === 'ours';
  const process_ = folder.running();
  const lives = () => process_ !== undefined && isAlive(process_);
  if (port !== undefined && (await isOurs())) await sendShutdown(port, folder.password);
  if (process_ && lives()) process.kill(process_.pid, 'SIGTERM');
  const isGone = async () => !lives() && !(await isOurs());
  if (!(await within(10 * SECOND_MS, isGone)) && process_ && lives()) process.kill(process_.pid, 'SIGKILL');
  if (!(await within(2 * SECOND_MS, isGone)))
    throw new Refusal(
      `a Redis from an earlier start still runs on ${folder.dir} (port ${port}) and does not stop; end it`,
    );
  folder.noteRunning(undefined);
}

async function within(ms: number, isSo: () => Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + ms; ; await pause(50)) {
    if (await isSo()) return true;
    if (performance.now() > end) return false;
  }
}

async function untilOurs(port: number, password: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await knock(port, password)) !== 'ours') await pause(30, signal);
}

type Start = Pick<ChildSpec, 'command' | 'args' | 'onSpawn'>;

function native(folder: RedisFolder, port: number, path: string): Start {
  const { dir, password, configFile } = folder;
  const own = { dir, logfile: join(dir, 'redis.log'), pidfile: join(dir, 'redis.pid') };
  folder.writeConfig({ port: String(port), requirepass: password, ...own });
  return {
    command: path,
    args: [configFile],
    onSpawn(pid) {
      folder.noteRunning(pid);
      const guard = watchOver(pid, own.pidfile);
      return () => {
        guard();
        folder.noteRunning(undefined);
      };
    },
  };
}

/**
 * Redis does not notice that we were killed. This shell does, because its input closes; it leaves the services time
 * to finish and then ends the Redis, unless the pid file says that another one has taken over meanwhile.
 */
function watchOver(pid: number, pidFile: string): () => void {
  const script = 'while read -r _; do :; done; sleep 12; [ "$(cat "$2")" = "$1" ] && kill -TERM "$1"';
  const guard = spawn('/bin/sh', ['-c', script, 'sh', String(pid), pidFile], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined); // without /bin/sh the next start ends the Redis
  guard.unref();
  return () => void guard.kill('SIGKILL');
}

/**
 * `docker run` in the foreground passes SIGTERM on and ends with its container, like a server of our own would. When
 * only that client was killed its container lives on: it is stopped before another one opens the same file.
 */
function container(folder: RedisFolder, port: number): Start {
  const user = process.getuid ? ['--user', `${process.getuid()}:${process.getgid?.()}`] : [];
  const settings = { port: '6379', bind: '0.0.0.0', dir: '/data', logfile: '/data/redis.log' };
  folder.writeConfig({ ...settings, requirepass: folder.password });
  const script = 'docker stop -t 10 "$0" >/dev/null 2>&1; exec docker run --rm --init --name "$0" "$@"';
  return {
    command: '/bin/sh',
    args: [
      ...['-c', script, folder.container, '--publish', `127.0.0.1:${port}:6379`, '--volume', `${folder.dir}:/data`],
      ...[...user, '--entrypoint', 'redis-server', REDIS_IMAGE, '/data/redis.conf'],
    ],
  };
}

/** @throws Refusal unless the configured Redis answers, is new enough and evicts nothing */
export async function checkConfiguredRedis(settings: RedisSettings): Promise<void> {
  try {
    await using _redis = await connectRedis({ ...settings, patience: 'fail' }, createLogger('launcher', 'silent'));
  } catch (err) {
    if (isCode(err, 'REDIS_UNREACHABLE', 'REDIS_POLICY', 'REDIS_VERSION'))
      throw new Refusal(`${keyOfPlace(settings)}: ${messageOf(err)}`, { cause: err });
    throw err;
  }
}
