import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const GRACE_MS = 2_000;
/** What cannot be killed, as one that waits for a disk, is named and left. */
const KILL_MS = 10_000;

/**
 * Processes that belong to a folder, on Linux: they run in it, or were told of it. Whoever was started by a test names the
 * temporary folder of its run in its environment.
 */
function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && belongs(pid, folder));
}

function belongs(pid: number, folder: string): boolean {
  try {
    const told = () => [readFileSync(`/proc/${pid}/environ`, 'utf8'), readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) || told().some((text) => text.includes(folder));
  } catch {
    return false; // it has ended, or is somebody else's
  }
}

/** Ends what a run left behind, as when it was interrupted. Gives the command lines of what it found still there. */
export async function endLeftovers(folder: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const since = performance.now();
  // what is just ending is no leftover
  while (processesOf(folder).length > 0 && performance.now() - since < GRACE_MS) await delay(50);
  const left = processesOf(folder);
  const names = left.map(nameOf);
  const killing = performance.now();
  // an ending parent may start another child: until nobody is there
  for (let pids = left; pids.length > 0 && performance.now() - killing < KILL_MS; pids = processesOf(folder)) {
    for (const pid of pids) kill(pid);
    await delay(20);
  }
  return [...names, ...processesOf(folder).map((pid) => `could not be ended: ${nameOf(pid)}`)];
}

function nameOf(pid: number): string {
  try {
    return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}`;
  } catch {
    return String(pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // it has ended
}
