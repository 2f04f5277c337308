import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { every } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { SECOND_MS } from '@pco/shared/time';
import type { Lists } from './read-model/lists.ts';
import type { ReadModel } from './read-model/read-model.ts';

/** The documented lists as files (B-078). */
const FILES = {
  pending: 'pending-tickets.json',
  active: 'active-tickets.json',
  completed: 'completed-tickets.json',
} as const;
const NAMES = ['pending', 'active', 'completed'] as const;

const PAUSE_MS = 2 * SECOND_MS;

export interface StateFilesOptions {
  readonly model: ReadModel;
  readonly lists: Lists;
  readonly folder: string;
  readonly log: Logger;
  readonly pauseMs?: number;
}

/**
 * Keeps the lists in the data folder, for people and for backups. Nothing ever reads them back as state: that is in
 * Redis. Each api writes its own host's; several on one folder replace whole files and end with the same.
 */
export function startStateFiles({ model, lists, folder, log, pauseMs = PAUSE_MS }: StateFilesOptions): AsyncDisposable {
  const written = new Map<string, string>();
  let isDue = true;
  model.onChange(() => {
    isDue = true;
  });
  const write = async () => {
    if (!isDue) return;
    isDue = false;
    try {
      await mkdir(folder, { recursive: true });
      for (const name of NAMES) {
        const text = linesOf(await lists.rows(name));
        const digest = createHash('sha256').update(text).digest('base64');
        if (written.get(name) === digest) continue;
        await replace(join(folder, FILES[name]), text);
        written.set(name, digest);
      }
    } catch (err) {
      isDue = true;
      throw err;
    }
  };
  return every(pauseMs, write, log, 'state files');
}

/** An array with a ticket on each line: two backups can be compared. */
const linesOf = (rows: readonly string[]): string => (rows.length === 0 ? '[]\n' : `[\n${rows.join(',\n')}\n]\n`);

/** Who reads the file sees the old one or the new one, never a part; tickets are nobody else's business on this host. */
async function replace(path: string, text: string): Promise<void> {
  const making = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(making, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(making, path);
  } catch (err) {
    await rm(making, { force: true });
    throw err;
  }
}
