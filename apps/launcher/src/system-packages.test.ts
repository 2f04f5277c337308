import { expect, test } from 'vitest';
import { commandsFor } from './system-packages.ts';

test('every package stands in one command, behind sudo where root is needed', () => {
  const manager = {
    program: 'apt-get',
    asRoot: true,
    names: { tmux: 'tmux', git: 'git', redis: 'redis-server', curl: 'curl', chromium: 'chromium' },
    steps: [
      ['apt-get', 'update'],
      ['apt-get', '-y', 'install', '{}'],
    ],
  };
  expect(commandsFor(manager, ['tmux', 'redis'], ['sudo'])).toEqual([
    ['sudo', 'apt-get', 'update'],
    ['sudo', 'apt-get', '-y', 'install', 'tmux', 'redis-server'],
  ]);
});
