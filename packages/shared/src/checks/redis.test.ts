import { expect, test } from 'vitest';
import { judgeSentinel, judgeServer } from './redis.ts';

const info = (version: string, policy: string, aof: 0 | 1) =>
  `# Server\r\nredis_version:${version}\r\n# Memory\r\nmaxmemory_policy:${policy}\r\naof_enabled:${aof}\r\n`;
const SOUND = info('7.2.4', 'noeviction', 1);
const judge = (text: string | null, replicas = 0, wanted = 0, role: 'master' | 'replica' = 'master') =>
  judgeServer({ address: 'localhost:6379', role, info: text, fsync: 'always', replicas }, wanted);
const levels = (...args: Parameters<typeof judge>) => judge(...args).map(({ level }) => level);

test('a Redis of today that keeps everything is fine', () => {
  expect(levels(SOUND)).toEqual(['ok', 'ok']);
});

test.each([
  ['an old one', info('6.0.16', 'noeviction', 1), ['bad']],
  ['one that may throw away keys', info('7.2.4', 'allkeys-lru', 1), ['bad']],
  ['one that forgets at a crash', info('7.2.4', 'noeviction', 0), ['ok', 'warn']],
  ['one that is not there', null, ['bad']],
])('%s is not', (_, text, expected) => {
  expect(levels(text)).toEqual(expected);
  expect(judge(text).at(-1)?.mend).toEqual(expect.any(String));
});

test.each([
  ['that is on the disk before an answer', 'always', 'ok'],
  ['that is written when there is time', 'everysec', 'warn'],
  ['of a provider who does not say', null, 'ok'],
])('an append-only file %s', (_, fsync, level) => {
  const facts = { address: 'localhost:6379', role: 'master', info: SOUND, replicas: 0 } as const;
  const finding = judgeServer({ ...facts, fsync }, 0).at(-1);
  expect(finding?.level).toBe(level);
  if (level === 'warn') expect(finding?.mend).toContain('appendfsync always');
});

test('a master without the replicas that decisions wait for stops everything, one with no more than these may soon', () => {
  expect(levels(SOUND, 0, 1)).toEqual(['ok', 'ok', 'bad']);
  expect(levels(SOUND, 1, 1)).toEqual(['ok', 'ok', 'warn']);
  expect(levels(SOUND, 2, 1)).toEqual(['ok', 'ok', 'ok']);
  expect(levels(SOUND, 0, 1, 'replica')).toEqual(['ok', 'ok']);
});

const ABLE = 'OK 3 usable Sentinels. Quorum and failover authorization can be reached';

test.each([
  ['that could act', ABLE, undefined, 'ok'],
  ['that may not say who could be chosen', ABLE, 'NOPERM this user has no permissions', 'warn'],
  ['that would be alone', 'NOQUORUM 1 usable Sentinels. Not enough available Sentinels', undefined, 'bad'],
  ['that knows no such master', 'ERR No such master with that name', 'the sentinel knows no master', 'bad'],
  ['that is not there', null, 'connect ECONNREFUSED', 'warn'],
])('a sentinel %s', (_, quorum, why, level) => {
  const finding = judgeSentinel({ address: '10.0.0.1:26379', quorum, ...(why === undefined ? {} : { why }) });
  expect(finding.level).toBe(level);
  expect(finding.detail).toContain('sentinel 10.0.0.1:26379');
  if (level !== 'ok') expect(finding.mend).toEqual(expect.any(String));
});
