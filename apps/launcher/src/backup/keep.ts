import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '@pco/shared/time';

const NAME = /^pco-backup-(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})Z\.tar\.gz$/;

/** No colons: they mean something to tar and to some file systems. */
export const archiveName = (at: Date): string =>
  `pco-backup-${at.toISOString().slice(0, 19).replaceAll(':', '-')}Z.tar.gz`;

/** Which archives may go. The newest always stays, however old it is: backups may have failed since. */
export function outdated(names: readonly string[], now: Date, keepDays: number): string[] {
  const dated = names.flatMap((name) => {
    const [, day, hour, minute, second] = NAME.exec(name) ?? [];
    return day === undefined ? [] : [{ name, at: Date.parse(`${day}T${hour}:${minute}:${second}Z`) }];
  });
  const newest = Math.max(...dated.map(({ at }) => at));
  return dated.filter(({ at }) => at < newest && now.getTime() - at > keepDays * DAY_MS).map(({ name }) => name);
}

/** @returns what was removed */
export function removeOutdated(dir: string, now: Date, keepDays: number): string[] {
  const names = outdated(readdirSync(dir), now, keepDays);
  for (const name of names) rmSync(join(dir, name));
  return names;
}
