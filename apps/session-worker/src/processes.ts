import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '@pco/shared/time';
import { isProcessAlive } from './process-alive.ts';

const LOOK_MS = 50;
/** The launcher notes the exit code right after its agent has ended, unless it is at its question for a summary. */
const EXIT_NOTE_MS = 500;
/** Nothing outlives being looked for and killed again and again for so long, short of a bomb of forks. */
const KILL_MS = 5_000;
/** A look at /proc reads about every process of the host, and sessions end in bursts: who asks within this time shares one. */
const GATHER_MS = 20;

/** What runs in one session. */
export interface SessionProcesses {
  /** Ends by itself after its agent, and notes how that ended. */
  readonly launchers: readonly number[];
  /** Everything else that was started in the session, also what has left its process group. */
  readonly others: readonly number[];
}

const NONE: SessionProcesses = { launchers: [], others: [] };
let next: Promise<ReadonlyMap<string, SessionProcesses>> | undefined;

/** The processes of a session by a look that begins after this call. */
export async function processesOf(sessionDir: string): Promise<SessionProcesses> {
  next ??= pause(GATHER_MS).then(() => {
    next = undefined;
    return look();
  });
  return (await next).get(sessionDir) ?? NONE;
}

/**
 * By session folder, which all processes of a session inherit in their environment. Without /proc nobody is found, and
 * closing the terminal has to do.
 */
function look(): ReadonlyMap<string, SessionProcesses> {
  const found = new Map<string, { launchers: number[]; others: number[] }>();
  if (!existsSync('/proc/self/environ')) return found;
  for (const name of readdirSync('/proc')) {
    const dir = sessionDirOf(name);
    if (dir === undefined) continue;
    const of = found.get(dir) ?? { launchers: [], others: [] };
    found.set(dir, of);
    of[isLauncher(name) ? 'launchers' : 'others'].push(Number(name));
  }
  return found;
}

/** Of a living process that was started in a session. */
function sessionDirOf(name: string): string | undefined {
  if (!/^\d+$/.test(name) || Number(name) === process.pid) return undefined;
  const dir = /\0PCO_SESSION_DIR=([^\0]+)\0/.exec(`\0${read(`/proc/${name}/environ`)}`)?.[1];
  return dir === undefined || isZombie(name) ? undefined : dir;
}

const isLauncher = (pid: string): boolean =>
  read(`/proc/${pid}/cmdline`).split('\0')[1]?.endsWith('/claude-ticket-worker') ?? false;

const isZombie = (pid: string): boolean => {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
};

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // ended while we looked, or another user's
  }
}

/**
 * Ends all but the launcher, and gives it the moment that it needs to note how its agent ended.
 *
 * @returns how many did not end when asked to
 */
export async function endProcesses(sessionDir: string, graceMs: number, signal: AbortSignal): Promise<number> {
  const { killed, launchers } = await askThenKill(sessionDir, graceMs, signal);
  const isNoteDue = () => launchers.some(isProcessAlive) && !existsSync(join(sessionDir, 'exit'));
  for (let waited = 0; isNoteDue() && waited < EXIT_NOTE_MS; waited += LOOK_MS) await pause(LOOK_MS, signal);
  return killed;
}

/** Asks each of them to end, once, and after the grace ends who is left. Looked up anew each time: numbers are used again. */
async function askThenKill(sessionDir: string, graceMs: number, signal: AbortSignal) {
  const asked = new Set<number>();
  const deadline = performance.now() + graceMs;
  const { launchers, others } = await processesOf(sessionDir);
  for (let left = others; left.length > 0; left = (await processesOf(sessionDir)).others) {
    signal.throwIfAborted();
    if (performance.now() >= deadline) return { killed: await killProcesses(sessionDir, 'others', signal), launchers };
    for (const pid of left) if (!asked.has(pid)) send(pid, 'SIGTERM');
    for (const pid of left) asked.add(pid);
    await pause(LOOK_MS, signal);
  }
  return { killed: 0, launchers };
}

/**
 * Kills until a look finds nobody: who forks or becomes another program at that moment is not seen by a single one.
 *
 * @param who `everybody`: launchers as well
 */
export async function killProcesses(
  sessionDir: string,
  who: 'others' | 'everybody',
  signal: AbortSignal,
): Promise<number> {
  const isMeant = (name: string): boolean =>
    sessionDirOf(name) === sessionDir && (who === 'everybody' || !isLauncher(name));
  let killed = 0;
  for (const deadline = performance.now() + KILL_MS; performance.now() < deadline; ) {
    const { launchers, others } = await processesOf(sessionDir);
    if (others.length === 0 && (who === 'others' || launchers.length === 0)) break;
    signal.throwIfAborted();
    // each at the moment that it is seen, the youngest first: it lives the shortest
    for (const name of readdirSync('/proc').reverse()) {
      if (!isMeant(name)) continue;
      send(Number(name), 'SIGKILL');
      killed += 1;
    }
  }
  return killed;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ESRCH') throw err; // it was quicker
  }
}
