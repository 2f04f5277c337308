import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { pause } from '@pco/shared/time';
import { isProcessAlive } from './process-alive.ts';

const LOOK_MS = 50;
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
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const dir = /\0PCO_SESSION_DIR=([^\0]+)\0/.exec(`\0${read(`/proc/${name}/environ`)}`)?.[1];
    if (dir === undefined || isZombie(name)) continue;
    const of = found.get(dir) ?? { launchers: [], others: [] };
    found.set(dir, of);
    of[isLauncher(name) ? 'launchers' : 'others'].push(Number(name));
  }
  return found;
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

/** Asks all of them to end, and after the grace ends who is left. Looked up anew each time: numbers are used again. */
export async function endProcesses(
  sessionDir: string,
  graceMs: number,
  signal: AbortSignal,
): Promise<{ killed: number; launchers: readonly number[] }> {
  const { others: asked, launchers } = await processesOf(sessionDir);
  if (asked.length === 0) return { killed: 0, launchers };
  for (const pid of asked) send(pid, 'SIGTERM');
  const isLeft = async () => (await processesOf(sessionDir)).others.length > 0;
  const deadline = performance.now() + graceMs;
  while (asked.some(isProcessAlive) && (await isLeft()) && performance.now() < deadline) {
    signal.throwIfAborted();
    await pause(LOOK_MS, signal);
  }
  const { others: left } = await processesOf(sessionDir);
  for (const pid of left) send(pid, 'SIGKILL');
  return { killed: left.length, launchers };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ESRCH') throw err; // it was quicker
  }
}
