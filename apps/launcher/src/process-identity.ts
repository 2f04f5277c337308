import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A pid alone is reused; with the start time of the process it names one process for ever. */
export interface Identity {
  readonly pid: number;
  readonly started: string;
}

/** The identity of a living process, or undefined when no process has that pid. */
export function identityOf(pid: number): Identity | undefined {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export const isAlive = ({ pid, started }: Identity): boolean => identityOf(pid)?.started === started;

/** Boot id and clock ticks since boot. A zombie counts as dead: it only waits for its parent to look. */
function startedOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the program's name may hold blanks and brackets
    const [state, ticks] = [fields[0], fields[19]]; // proc(5): state is field 3, starttime field 22
    if (state === 'Z' || state === 'X' || ticks === undefined) return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch {
    return undefined;
  }
}

function startedByPs(pid: number): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text || undefined;
  } catch {
    return undefined; // ps ends with 1 when there is no such process
  }
}
