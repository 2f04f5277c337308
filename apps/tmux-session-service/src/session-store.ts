import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { SessionRecord } from './session-record.ts';
import { writeAtomically } from './write-atomically.ts';

export type SessionStore = Awaited<ReturnType<typeof openSessionStore>>;

/** The records of all sessions, in memory and in `sessions.json` (B-165). One process at a time: `lockDataDir`. */
export async function openSessionStore(dataDir: string, log: Logger) {
  const file = join(dataDir, 'sessions.json');
  const records = await load(file, log);
  /** Counts changes, so that an older look at tmux is not taken for newer than a record. */
  let clock = 0;
  const changedAt = new Map<string, number>();
  let last = Promise.resolve();
  let next: Promise<void> | undefined;

  /** Changes that arrive while a write is under way share the one after it. */
  const write = (): Promise<void> => {
    next ??= last
      .catch(() => {}) // whoever asked for that write has been told
      .then(() => {
        next = undefined;
        return writeAtomically(file, JSON.stringify(Object.fromEntries(records), null, 1));
      });
    last = next;
    return next;
  };
  const writeSoon = () => void write().catch((err) => log.error({ err, file }, 'session records could not be written'));

  const set = (record: SessionRecord) => {
    records.set(record.sessionId, record);
    changedAt.set(record.sessionId, ++clock);
  };
  const unset = (id: string): boolean => {
    changedAt.delete(id);
    return records.delete(id);
  };

  return {
    get: (id: string): SessionRecord | undefined => records.get(id),
    all: (): SessionRecord[] => [...records.values()],
    now: (): number => clock,
    hasChangedSince: (id: string, time: number): boolean => (changedAt.get(id) ?? 0) > time,

    /** Resolves when it is on disk. */
    save(record: SessionRecord): Promise<void> {
      set(record);
      return write();
    },
    /** For what tmux would tell us again after a crash. */
    saveSoon(record: SessionRecord): void {
      set(record);
      writeSoon();
    },
    async remove(id: string): Promise<boolean> {
      const had = unset(id);
      if (had) await write();
      return had;
    },
    removeSoon(id: string): void {
      if (unset(id)) writeSoon();
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await last.catch(() => {});
    },
  };
}

async function load(file: string, log: Logger): Promise<Map<string, SessionRecord>> {
  const text = await readFile(file, 'utf8').catch((err: NodeJS.ErrnoException) => {
    if (err.code === 'ENOENT') return undefined;
    throw err;
  });
  const records = new Map<string, SessionRecord>();
  if (text === undefined) return records;
  const faults: string[] = [];
  for (const [id, value] of entries(text, faults)) {
    const { data, error } = SessionRecord.safeParse(value);
    if (data?.sessionId === id) records.set(id, data);
    else faults.push(`${id}: ${error ? messageOf(error) : 'stored under another id'}`);
  }
  if (faults.length > 0) {
    const movedTo = `${file}.bad-${new Date().toISOString().replaceAll(':', '-')}`;
    await rename(file, movedTo);
    log.warn({ movedTo, faults: faults.slice(0, 5), kept: records.size }, 'stored session records are damaged');
  }
  return records;
}

function entries(text: string, faults: string[]): [string, unknown][] {
  try {
    const tree: unknown = JSON.parse(text);
    if (typeof tree === 'object' && tree !== null && !Array.isArray(tree)) return Object.entries(tree);
    faults.push('not an object');
  } catch (err) {
    faults.push(messageOf(err));
  }
  return [];
}
