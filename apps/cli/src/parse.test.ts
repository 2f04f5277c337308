import { expect, test } from 'vitest';
import { COMMANDS } from './commands/index.ts';
import { findCommand, nameWords, parseWords } from './parse.ts';

const nameOf = (line: string) => findCommand(line.split(' '), COMMANDS).command?.name;

test('a command is found behind options, and with two words before one', () => {
  expect(nameOf('list')).toBe('list');
  expect(nameOf('--url http://a --json tokens create ci')).toBe('tokens create');
  expect(nameOf('--url list show')).toBe('show');
  expect(nameOf('runners')).toBe('runners');
  expect(nameOf('runners --json give-up lost')).toBe('runners give-up');
  expect(nameOf('runners bogus')).toBe('runners');
  expect(nameOf('tokens')).toBeUndefined();
  expect(findCommand(['list', '--status', 'pending'], COMMANDS).rest).toEqual(['--status', 'pending']);
});

test('words take the names of arguments, the last one all that follow', () => {
  const reject = COMMANDS.find(({ name }) => name === 'reject');
  if (!reject) throw new Error('there is no such command');
  expect(nameWords(reject, ['A-1', 'not', 'yet'])).toEqual({ ticket: 'A-1', text: 'not yet' });
  expect(() => nameWords(reject, ['A-1'])).toThrow('reject: TEXT is missing');
  const show = COMMANDS.find(({ name }) => name === 'show');
  expect(() => show && nameWords(show, ['A-1', 'B-2'])).toThrow('"B-2" is one word too many');
});

test('an option that is not known is named', () => {
  expect(() => parseWords(['--staus', 'x'])).toThrow("Unknown option '--staus'");
  expect(() => parseWords(['--url'])).toThrow('--url');
});

test('every command has a summary that fits on a line, and options that hide no common one', () => {
  for (const { name, summary, options = {} } of COMMANDS) {
    expect(summary.length, name).toBeLessThanOrEqual(90);
    expect(Object.keys(options), name).not.toContain('json');
  }
  expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
});
