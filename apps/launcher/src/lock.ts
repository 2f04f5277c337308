import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Identity, identityOf, isAlive } from './process-identity.ts';

const Process = z.object({ pid: z.int().positive(), started: z.string() });
const Record = z.object({
  holder: Process,
  /** The processes that the holder started, so that a successor of a killed holder can wait for their end. */
  children: z.array(Process.extend({ name: z.string() })).default([]),
});
type Record = z.infer<typeof Record>;

export type Lock =
  | { readonly taken: false; readonly holderPid: number }
  | {
      readonly taken: true;
      readonly orphans: Record['children'];
      note(children: Record['children']): void;
      release(): void;
    };

/**
 * One launcher per data folder. The lock is a file that names its holder's pid and start time, so it needs no clean
 * up after SIGKILL or a power cut: a holder that is no longer alive holds nothing.
 */
export function takeLock(dataDir: string, self: Identity | undefined = identityOf(process.pid)): Lock {
  if (self === undefined) throw new Error('this process cannot be identified');
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'launcher.lock');
  const draft = `${file}.${self.pid}`;
  const write = (path: string, record: Record) => writeFileSync(path, `${JSON.stringify(record)}\n`);
  let orphans: Record['children'] = [];
  for (;;) {
    write(draft, { holder: self, children: [] });
    if (isLinked(draft, file)) break;
    const found = read(file);
    if (found && isAlive(found.holder)) {
      rmSync(draft, { force: true });
      return { taken: false, holderPid: found.holder.pid };
    }
    orphans = found?.children ?? orphans;
    setAside(file, draft, found);
  }
  let released = false;
  return {
    taken: true,
    orphans: orphans.filter(isAlive),
    note(children) {
      write(draft, { holder: self, children });
      renameSync(draft, file);
    },
    release() {
      if (!released) rmSync(file, { force: true });
      released = true; // the file may be a successor's by now
    },
  };
}

/** The living launcher of a data folder. */
export function holderOf(dataDir: string): number | undefined {
  const holder = read(join(dataDir, 'launcher.lock'))?.holder;
  return holder && isAlive(holder) ? holder.pid : undefined;
}

/** link(2) fails when the name exists, and the file appears with its content: nobody reads half a record. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'EEXIST') return false;
    throw err;
  } finally {
    rmSync(from, { force: true });
  }
}

/** Moves a dead holder's file away. If another starter was quicker we hold its fresh file: put that back. */
function setAside(file: string, aside: string, dead: Record | undefined): void {
  try {
    renameSync(file, aside);
  } catch {
    return; // somebody else moved it
  }
  const moved = read(aside);
  if (moved && moved.holder.started !== dead?.holder.started) isLinked(aside, file);
  rmSync(aside, { force: true });
}

function read(file: string): Record | undefined {
  try {
    return Record.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // gone meanwhile, or torn by a full disk: nobody holds it
  }
}
