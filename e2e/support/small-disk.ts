import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own in place of a folder. */
export interface SmallDisk extends Disposable {
  /** Leaves not one byte. */
  fill(): void;
  makeRoom(): void;
}

const SIZE = '4m';
const FILLER = 'filler';

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Whether this machine lets us mount: for root only, and not in every container. */
export function canMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'pco-mount-'));
  const isMounted = run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir);
  if (isMounted) run('umount', dir);
  rmSync(dir, { recursive: true });
  return isMounted;
}

/** What was in the folder is hidden until the end. */
export function mountSmallDisk(folder: string): SmallDisk {
  mkdirSync(folder, { recursive: true });
  if (!run('mount', '-t', 'tmpfs', '-o', `size=${SIZE},mode=0700`, 'tmpfs', folder))
    throw new Error(`nothing could be mounted on ${folder}`);
  const filler = join(folder, FILLER);
  return {
    fill() {
      const file = openSync(filler, 'a');
      for (const bytes of [65_536, 4_096, 1]) {
        try {
          for (;;) if (writeSync(file, Buffer.alloc(bytes)) === 0) break;
        } catch (err) {
          if ((err as NodeJS.ErrnoException).code !== 'ENOSPC') throw err;
        }
      }
      closeSync(file);
    },
    makeRoom: () => rmSync(filler),
    [Symbol.dispose]: () => void run('umount', '-l', folder), // some still have files open there
  };
}
