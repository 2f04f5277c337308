import { expect, test } from 'vitest';
import { readCommandLine, UsageError } from './command-line.ts';

test('without arguments it is a small workspace on the usual port', () => {
  expect(readCommandLine([])).toMatchObject({
    options: { port: 5100, seed: { projects: [{ identifier: 'ACME' }] }, settings: {} },
    items: 3,
    webhook: undefined,
  });
  expect(readCommandLine(['--help'])).toBeNull();
});

test('every option reaches the emulator', () => {
  const args = ['--port', '0', '--project', 'ONE', '--project', 'TWO', '--items', '10000', '--rate-limit', '60'];
  const hook = ['--webhook', 'http://127.0.0.1:5002/webhooks/plane', '--webhook-secret', 'shared'];
  expect(readCommandLine([...args, ...hook, '--slug', 'team'])).toMatchObject({
    options: {
      port: 0,
      slug: 'team',
      seed: { projects: [{ identifier: 'ONE' }, { identifier: 'TWO' }] },
      settings: { rateLimit: { limit: 60, windowMs: 60_000 } },
    },
    items: 10_000,
    webhook: { url: 'http://127.0.0.1:5002/webhooks/plane', secret: 'shared' },
  });
});

test.each([
  [['--port', 'abc'], /--port abc: a whole number from 0 to 65535/],
  [['--items', '-1'], /--items/],
  [['--rate-limit', '0'], /--rate-limit 0: a whole number from 1/],
  [['--project', 'acme'], /--project acme: 1 to 12 capital letters/],
  [['--webhook', 'localhost'], /--webhook localhost: an http/],
  [['--webhook-secret', 'x'], /goes with --webhook/],
  [['--slug', 'a b'], /--slug a b: letters/],
  [['--seed', '/no/such/file'], /--seed: the seed file \/no\/such\/file cannot be used/],
  [['--colour'], /colour/],
  [['extra'], /extra/],
])('%j says what is wrong', (args, why) => {
  expect(() => readCommandLine(args)).toThrow(UsageError);
  expect(() => readCommandLine(args)).toThrow(why);
});
