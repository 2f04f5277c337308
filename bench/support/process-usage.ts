import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on

/** CPU time of a process since its start, in ms; 0 when it is gone or this is no Linux. */
export function cpuMs(pid: number | undefined): number {
  const fields = statFields(pid);
  return ((Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0)) * 1_000) / TICKS_PER_SECOND;
}

/** Resident memory in MB, as `ps` shows it. */
export function rssMb(pid: number | undefined): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readProc(pid, 'status'));
  return Number(line?.[1] ?? 0) / 1_024;
}

export interface Descendant {
  readonly pid: number;
  readonly commandLine: string;
}

/** Every process below this one, however deep. */
export function descendants(root: number): Descendant[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid)) parents.set(pid, Number(statFields(pid)?.[1] ?? 0));
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && parent !== 0 && (parent === root || isBelow(parent));
  };
  return [...parents.keys()]
    .filter(isBelow)
    .map((pid) => ({ pid, commandLine: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim() }));
}

/** The fields after the command's name, which may itself hold spaces and parentheses: state, ppid, … */
function statFields(pid: number | undefined): string[] | undefined {
  const text = readProc(pid, 'stat');
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readProc(pid: number | undefined, file: string): string {
  try {
    return pid === undefined ? '' : readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}
