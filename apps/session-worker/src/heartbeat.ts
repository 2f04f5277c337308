import { statSync } from 'node:fs';
import { arch, hostname, platform } from 'node:os';
import { every, type Loop } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import { createRunnerStore } from '@pco/shared/redis';
import { pause, SECOND_MS } from '@pco/shared/time';
import manifest from '../package.json' with { type: 'json' };
import type { Host } from './host.ts';
import type { Intake } from './intake.ts';

const MISSES = 3;
const periodOf = ({ config }: Host): number => config.runner.heartbeat_seconds * SECOND_MS;

/**
 * Registers this runner and keeps it registered. Two workers under one id would share its queue and each would end
 * the other's sessions, so the second is refused; one that died is taken over. Every heartbeat checks that in one
 * step with its writing: who finds the id taken after a long pause of its own stops. The data folder must be locked.
 *
 * @param stop ends this process
 * @throws AppError RUNNER_ID_TAKEN
 */
export async function startHeartbeat(
  host: Host,
  intake: Pick<Intake, 'measured' | 'lack'>,
  pools: readonly string[],
  stop: () => void,
): Promise<Loop> {
  const { core, runner, log } = host;
  const runners = createRunnerStore(core.redis.client, core.redis.keys);
  const instance = crypto.randomUUID();
  const periodMs = periodOf(host);
  const expiryMs = MISSES * periodMs;
  const introduction = introduce(host);
  const beat = (dead?: string) => {
    const { measured, lack } = intake;
    const own = { ...introduction, pools: [...pools], instance, at: Date.now(), measured };
    return runners.beat(runner, { ...own, refuses: lack }, expiryMs, dead);
  };
  const deadline = performance.now() + expiryMs + periodMs;
  for (let dead: string | undefined; ; ) {
    const other = await beat(dead);
    if (other === null) break;
    const isKnown = other !== 'unreadable';
    const who = isKnown ? `another session-worker on ${other.host}, pid ${other.pid}` : 'something unreadable';
    // its folder is ours, so it has ended; a number of a process says nothing where each container has its own
    const hasEnded = isKnown && other.host === introduction.host && other.folder === introduction.folder;
    dead = hasEnded ? other.instance : undefined;
    if (dead !== undefined) continue;
    if (performance.now() > deadline)
      throw new AppError('RUNNER_ID_TAKEN', { why: `"${runner}" by ${who}; set runner.id to another name` });
    log.info({ runner, who }, 'another session-worker has this runner id, waiting for it to end');
    await pause(SECOND_MS);
  }
  const keep = async () => {
    const other = await beat();
    if (other === null) return;
    log.error({ event: 'runner.id-taken', runner, other }, 'another session-worker has this runner id now, stopping');
    stop();
  };
  const loop = every(periodMs, keep, log, 'heartbeat');
  return {
    now: loop.now,
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      await runners.end(runner, instance).catch(() => undefined);
    },
  };
}

/** What does not change while we run. */
const introduce = ({ capacity, config, url }: Host) => ({
  host: hostname(),
  pid: process.pid,
  folder: nameOf(config.data_dir),
  capacity,
  labels: config.runner.labels,
  versions: { pco: manifest.version, node: process.versions.node, system: `${platform()} ${arch()}` },
  url,
  terminalUrl: config.runner.terminal_url ?? config.tmux_session_service.url,
});

/** The same after a restart, and another one for a copy of the folder, on a host of the same name too. */
function nameOf(folder: string): string {
  const { ino, birthtimeMs } = statSync(folder);
  return `${ino}-${birthtimeMs}`;
}

/**
 * Tells tickets whose runner sends no heartbeat any more; any worker may notice. A heartbeat that expired has been missed
 * three times, and only as many looks in a row over one unbroken connection are believed. One that is back says so itself.
 */
export function watchRunners(host: Host): AsyncDisposable {
  const { core, log } = host;
  const { client, keys } = core.redis;
  const misses = new Map<string, number>();
  client.on('close', () => misses.clear()); // what we did not see is no evidence
  const tell = async (runner: string) => {
    for (const id of await client.smembers(keys.slots(`slots:runner:${runner}`))) {
      const readAt = await core.store.load(id);
      const { ticket } = readAt;
      if (!ticket || ticket.observed?.state === 'unreachable') continue;
      const lost = { id: `runner.lost-${runner}`, type: 'runner.lost', runner } as const;
      await core.apply({ ...lost, ticketId: id, cid: ticket.cid }, { readAt });
    }
  };
  const look = async () => {
    for (const runner of await client.hkeys(keys.runners)) {
      const isThere = (await client.exists(keys.runner(runner))) === 1;
      const count = isThere ? 0 : (misses.get(runner) ?? 0) + 1;
      misses.set(runner, count);
      if (count === MISSES) log.warn({ event: 'session.runner-lost', runner }, 'runner lost');
      if (count >= MISSES) await tell(runner); // again at every look: a ticket that moved meanwhile was not told
    }
  };
  return every(periodOf(host), look, log, 'runner watch');
}
