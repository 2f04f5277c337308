import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { pause } from '@pco/shared/time';
import { isProcessAlive } from './process-alive.ts';

const LOOK_MS = 50;

/**
 * Every process that was started in a session, also what has left its process group: all inherit the session's folder
 * in their environment. Without /proc nobody is found, and closing the terminal has to do.
 */
export function processesOf(sessionDir: string): readonly number[] {
  if (!existsSync('/proc/self/environ')) return [];
  const mark = `\0PCO_SESSION_DIR=${sessionDir}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => `\0${read(`/proc/${pid}/environ`)}`.includes(mark) && !isLauncher(pid) && !isZombie(pid))
    .map(Number);
}

/** Ends by itself after its agent, and notes how that ended. */
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
): Promise<{ killed: number }> {
  const asked = processesOf(sessionDir);
  for (const pid of asked) send(pid, 'SIGTERM');
  const deadline = performance.now() + graceMs;
  while (asked.some(isProcessAlive) && processesOf(sessionDir).length > 0 && performance.now() < deadline) {
    signal.throwIfAborted();
    await pause(LOOK_MS, signal);
  }
  const left = processesOf(sessionDir);
  for (const pid of left) send(pid, 'SIGKILL');
  return { killed: left.length };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ESRCH') throw err; // it was quicker
  }
}
