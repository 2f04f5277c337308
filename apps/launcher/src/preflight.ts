import type { Config } from '@pco/shared/config';
import { run } from '@pco/shared/run-program';
import { pause, SECOND_MS } from '@pco/shared/time';
import { type Lock, takeLock } from './lock.ts';
import { isFree } from './ports.ts';
import { isAlive } from './process-identity.ts';
import { findRedisProgram, REDIS_IMAGE, type RedisProgram } from './redis.ts';
import { Refusal } from './refusal.ts';
import { endpointsOf } from './services.ts';
import { installPackages, isInstalled, type Need } from './system-packages.ts';
import type { Terminal } from './terminal.ts';

export type HeldLock = Extract<Lock, { taken: true }>;

/** @throws Refusal when another launcher runs on the folder */
export async function holdDataDir(dataDir: string, terminal: Terminal): Promise<HeldLock> {
  const lock = takeLock(dataDir);
  if (!lock.taken)
    throw new Refusal(
      `already running on ${dataDir} (pid ${lock.holderPid}); stop that one or pass another --data-dir`,
    );
  await endOrphans(lock.orphans, terminal);
  return lock;
}

/** Children of a launcher that was killed stop by themselves; we wait for that, and insist after their time is over. */
async function endOrphans(orphans: HeldLock['orphans'], terminal: Terminal): Promise<void> {
  if (orphans.length === 0) return;
  await terminal.during('waiting for the services of an earlier start to end', async () => {
    const alive = () => orphans.filter(isAlive);
    for (const { pid } of alive()) process.kill(pid, 'SIGTERM');
    for (const end = performance.now() + 14 * SECOND_MS; alive().length > 0 && performance.now() < end; )
      await pause(50);
    for (const { pid } of alive()) process.kill(pid, 'SIGKILL');
  });
}

/** @throws Refusal naming every port that somebody else listens on */
export async function checkPorts(config: Config): Promise<void> {
  const taken = [];
  for (const end of endpointsOf(config)) if (end.port !== 0 && !(await isFree(end.port, end.host))) taken.push(end);
  if (taken.length === 0) return;
  const lines = taken.map(
    ({ port, service, key, variable }) => `port ${port} for ${service} is in use: free it, or set ${key} (${variable})`,
  );
  throw new Refusal(lines.join('\n'));
}

/**
 * Brings tmux, git, a Redis and whatever else is asked for where they are missing. Gives the program of the private
 * Redis, or undefined when the configuration names one.
 */
export async function bringPrograms(
  ownRedis: boolean,
  terminal: Terminal,
  more: readonly Need[] = [],
): Promise<RedisProgram | undefined> {
  const wanted: readonly Need[] = ['tmux', 'git', ...more];
  const needs = wanted.filter((need) => !isInstalled(need));
  let program = ownRedis ? await findRedisProgram() : undefined;
  if (program?.kind === 'docker' && !(await hasImage(terminal))) program = undefined;
  if (ownRedis && !program) needs.push('redis');
  await installPackages(needs, terminal);
  program ??= ownRedis ? await findRedisProgram() : undefined;
  if (ownRedis && !program)
    throw new Refusal(
      'no Redis >= 6.2 here: install a newer redis-server or valkey-server, start Docker, or set redis.url',
    );
  return program;
}

async function hasImage(terminal: Terminal): Promise<boolean> {
  if ((await run('docker', ['image', 'inspect', REDIS_IMAGE])).ok) return true;
  return await terminal.during(
    `fetching the image ${REDIS_IMAGE}`,
    async () => (await run('docker', ['pull', REDIS_IMAGE])).ok,
  );
}
