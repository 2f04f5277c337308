import { expect, test } from 'vitest';
import { parseFlags } from './flags.ts';

test('every option is read', () => {
  const argv = ['--config', 'c.yaml', '--data-dir', '/d', '--port', '6002', '--agent', 'claude', '--yes'];
  expect(parseFlags(argv)).toEqual({
    kind: 'flags',
    flags: { config: 'c.yaml', dataDir: '/d', port: 6002, agent: 'claude', yes: true },
  });
});

test.each([
  [['--prot', '1'], '--prot'],
  [['--port', 'many'], '--port takes a number'],
  [['--agent', 'codex'], '--agent is claude or scripted'],
  [['extra'], 'extra'],
])('%j is refused with the usage', (argv, why) => {
  const parsed = parseFlags(argv);
  expect(parsed.kind).toBe('wrong');
  expect(parsed).toHaveProperty('text', expect.stringMatching(new RegExp(`${why}[^]*usage: npm start`)));
});
