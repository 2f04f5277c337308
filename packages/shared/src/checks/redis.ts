import { messageOf } from '../errors.ts';
import { checkServer } from '../redis/index.ts';
import { bad, type Finding, ok, warn } from './finding.ts';

const WHAT = 'Redis';

/**
 * Version, policy and durability of a Redis.
 *
 * @param info what `INFO` answers
 * @param where its address without a password
 */
export function judgeRedis(info: string, where: string): Finding[] {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '?';
  const version = `${field('redis_version')} at ${where}`;
  try {
    checkServer(info);
  } catch (err) {
    return [bad(WHAT, `${version}: ${messageOf(err)}`, 'mend it and start again: no service starts with it')];
  }
  const isKept = field('aof_enabled') === '1';
  const mend = 'run: redis-cli config set appendonly yes (and config rewrite); without it a crash loses tickets';
  return [
    ok(WHAT, `${version}, noeviction`),
    isKept ? ok(WHAT, 'append-only file on') : warn(WHAT, 'append-only file off', mend),
  ];
}
