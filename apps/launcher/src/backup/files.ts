import {
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Copies a folder that is in use: what vanishes meanwhile was not needed, sockets and pipes mean nothing elsewhere. Times
 * stay, because a completion that is older than its session does not count.
 */
export function copyTree(from: string, to: string, isWanted: (path: string) => boolean): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (isWanted(source)) unlessGone(() => copyOne(source, target, isWanted));
  }
}

function copyOne(source: string, target: string, isWanted: (path: string) => boolean): void {
  const stat = lstatSync(source);
  if (stat.isDirectory()) copyTree(source, target, isWanted);
  else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
  else if (stat.isFile()) {
    copyFileSync(source, target, constants.COPYFILE_FICLONE);
    utimesSync(target, stat.atime, stat.mtime);
  }
}

function unlessGone(copy: () => void): void {
  try {
    copy();
  } catch (err) {
    if (!(err instanceof Error && 'code' in err && err.code === 'ENOENT')) throw err;
  }
}

/** What of `<data_dir>` is not state to keep as a file: Redis and worktrees are saved in other ways. */
export function isState(dataDir: string, worktrees: string) {
  return (path: string): boolean => {
    // a runner that was being emptied is to work again when it is restored
    const isOfProcess = /\.lock(\.|$)|\.pid$|^drain(\.done)?$/.test(basename(path));
    const isOdd = /[\n\\]/.test(basename(path)); // none of ours, and no line of a list of sums
    return !isOfProcess && !isOdd && path !== join(dataDir, 'redis') && path !== worktrees;
  };
}

/** The log and the older ones beside it. */
export function copyLogs(file: string, to: string): void {
  if (!existsSync(dirname(file))) return;
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(dirname(file)))
    if (name.startsWith(basename(file)))
      unlessGone(() => copyOne(join(dirname(file), name), join(to, name), () => false));
}
