import { expect, test } from 'vitest';
import { judgeRedis } from './redis.ts';

const info = (version: string, policy: string, aof: 0 | 1) =>
  `# Server\r\nredis_version:${version}\r\n# Memory\r\nmaxmemory_policy:${policy}\r\naof_enabled:${aof}\r\n`;
const levels = (text: string) => judgeRedis(text, 'localhost:6379').map(({ level }) => level);

test('a Redis of today that keeps everything is fine', () => {
  expect(levels(info('7.2.4', 'noeviction', 1))).toEqual(['ok', 'ok']);
});

test.each([
  ['an old one', info('6.0.16', 'noeviction', 1), ['bad']],
  ['one that may throw away keys', info('7.2.4', 'allkeys-lru', 1), ['bad']],
  ['one that forgets at a crash', info('7.2.4', 'noeviction', 0), ['ok', 'warn']],
])('%s is not', (_, text, expected) => {
  expect(levels(text)).toEqual(expected);
  const worst = judgeRedis(text, 'localhost:6379').at(-1);
  expect(worst?.mend).toEqual(expect.any(String));
});
