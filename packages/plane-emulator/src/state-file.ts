import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Snapshot } from './rows.ts';
import { loadSnapshot, takeSnapshot, type World } from './world.ts';

/** Reads the world back; false when there is no such file yet. */
export function loadStateFile(world: World, path: string): boolean {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return false;
    throw err;
  }
  loadSnapshot(world, Snapshot.parse(JSON.parse(text)));
  return true;
}

/**
 * Writes the whole world after every change, by renaming a finished file over the old one. One write at a time:
 * changes that come meanwhile are covered by the next.
 */
export function keepStateFile(world: World, path: string): Disposable {
  let wanted = false;
  let writing = false;
  const writeAll = async () => {
    writing = true;
    while (wanted) {
      wanted = false;
      const startedMs = performance.now();
      await writeFile(`${path}.part`, JSON.stringify(takeSnapshot(world)));
      if (!closed) await rename(`${path}.part`, path);
      // A large world takes long to write; serving requests comes first.
      await sleep(performance.now() - startedMs);
    }
    writing = false;
  };
  let closed = false;
  world.onChange = () => {
    wanted = true;
    if (!writing) void writeAll();
  };
  return {
    [Symbol.dispose]() {
      closed = true;
      world.onChange = () => {};
      // Synchronous and under its own name, so that an unfinished write cannot come after it.
      writeFileSync(`${path}.last`, JSON.stringify(takeSnapshot(world)));
      renameSync(`${path}.last`, path);
    },
  };
}
