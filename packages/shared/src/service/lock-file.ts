import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../errors.ts';

const Holder = z.object({ pid: z.int().positive(), startedAt: z.string() });
type Holder = z.output<typeof Holder>;

/** Who may be on a data folder once: its name for people, and its lock. */
export interface LockOf {
  readonly name: string;
  readonly file: string;
}

/**
 * Makes this process the only one of its kind on a data folder. The lock of a process that is gone, whatever ended it,
 * is taken over; a pid that meanwhile belongs to another program is told apart by the start time.
 *
 * @throws AppError DATA_DIR_TAKEN when another one holds the folder
 */
export function lockDataDir(dataDir: string, of: LockOf, pid: number): Disposable {
  const file = join(dataDir, of.file);
  const mine = `${file}.${pid}`;
  writeFileSync(mine, JSON.stringify({ pid, startedAt: startOf(pid) ?? '' } satisfies Holder), { mode: 0o600 });
  try {
    for (let attempt = 1; ; attempt++) {
      if (linked(mine, file)) return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
      const text = read(file);
      const holder = parse(text);
      if ((holder && startOf(holder.pid) === holder.startedAt) || attempt === 5) throw taken(dataDir, of, holder);
      clear(file, text, pid);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** link(2) fails when the name exists, and the content is there from the first moment. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (err) {
    if (isErrno(err, 'EEXIST')) return false;
    throw err;
  }
}

/** Moves a dead lock away; should a third process just have replaced it, that one's lock is put back. */
function clear(file: string, dead: string | undefined, pid: number): void {
  const aside = `${file}.dead-${pid}`;
  try {
    renameSync(file, aside);
  } catch (err) {
    if (isErrno(err, 'ENOENT')) return;
    throw err;
  }
  if (read(aside) !== dead) linked(aside, file);
  rmSync(aside, { force: true });
}

/** When a living process started, as a text that no later process with that pid has; undefined when it is gone. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in parentheses, may hold anything; state and start time are counted from its end (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch (err) {
    if (platform() === 'linux' || !isErrno(err, 'ENOENT')) return undefined;
    return startByPs(pid);
  }
}

function startByPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined; // ps exits with 1 for an unknown pid
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (err) {
    if (isErrno(err, 'ENOENT')) return undefined;
    throw err;
  }
}

function parse(text: string | undefined): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined; // nobody can claim an unreadable lock
  }
}

const taken = (dataDir: string, { name }: LockOf, holder: Holder | undefined): AppError =>
  new AppError('DATA_DIR_TAKEN', { why: `another ${name} (pid ${holder?.pid ?? 'unknown'}) uses ${dataDir}` });

// Every failing call of node:fs gives an error with a code.
const isErrno = (err: unknown, code: string): boolean => (err as NodeJS.ErrnoException).code === code;
