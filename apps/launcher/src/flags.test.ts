import { expect, test } from 'vitest';
import { parseFlags } from './flags.ts';

test('every option is read', () => {
  const argv = ['--config', 'c.yaml', '--data-dir', '/d', '--port', '6002', '--agent', 'claude', '--yes'];
  const more = ['--check-config', '--set', 'api.port=1', '--set', 'logging.level=debug'];
  expect(parseFlags([...argv, ...more])).toEqual({
    kind: 'flags',
    flags: {
      config: 'c.yaml',
      dataDir: '/d',
      port: 6002,
      agent: 'claude',
      yes: true,
      checkConfig: true,
      settings: ['api.port=1', 'logging.level=debug'],
    },
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
