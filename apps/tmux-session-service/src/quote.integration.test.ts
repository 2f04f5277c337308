import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from './control-client.ts';
import { quoteArgument } from './quote.ts';
import { sandbox } from './testing/fixture.ts';

const HOSTILE = ['$HOME', '$(id)', '`id`', '~', '~root', ';', '\\;', 'a;', '#{pid}', '#(id)', '# c', '{', '}', '%if 1'];
const ALSO = [
  "'",
  '"',
  '\\',
  '\\n',
  '\n',
  'a\nkill-server\n',
  '\r',
  '\t',
  'A=b',
  '-x',
  '--',
  '%end 1 2 1',
  '☃ 🚀 é',
  '\u001b[31m',
];

const withServer = async () => {
  const box = await sandbox();
  const connection = await connect({
    bin: 'tmux',
    args: ['-u', '-L', box.socket, '-f', '/dev/null', '-C', 'new-session', '-s', 'q', '--', 'cat', '-'],
    env: { PATH: box.variables.PATH, TMUX_TMPDIR: box.dir, LANG: 'C.UTF-8' },
    onNotification: () => {},
  });
  onTestFinished(async () => {
    await connection[Symbol.asyncDispose]();
    await box[Symbol.asyncDispose]();
  });
  return connection;
};

test('any text survives the way through the command parser of tmux unharmed', async () => {
  const connection = await withServer();
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(...HOSTILE, ...ALSO), maxLength: 8 }),
  );
  const roundTrip = async (value: string) => {
    const outputs = await connection.run([
      ['set-option', '-g', '--', '@value', value],
      ['display-message', '-p', '#{@value}'],
    ]);
    expect(outputs).toEqual(['', value]);
  };
  for (const value of [...HOSTILE, ...ALSO]) await roundTrip(value);
  await fc.assert(
    fc.asyncProperty(
      text.filter((value) => !value.includes('\0')),
      roundTrip,
    ),
    { numRuns: 500 },
  );
});

test('a text of a megabyte survives too', async () => {
  const connection = await withServer();
  const value = 'x"$;\n'.repeat(200_000);
  await connection.run([['set-option', '-g', '@value', value]]);
  const [length] = await connection.run([['display-message', '-p', '#{n:@value}']]);
  expect(Number(length)).toBe(value.length);
});

test('a quoted argument is a single line', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\r\n]/.test(quoteArgument(text))));
});
