import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSettings } from './settings.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pco-cli-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string, text: string, mode = 0o600): string => {
  writeFileSync(join(dir, name), text, { mode });
  return join(dir, name);
};
const env = (more: Record<string, string> = {}) => ({ PCO_CLI_CONFIG: join(dir, 'cli.yaml'), ...more });

test('an option comes before a variable, that before the file, that before the default', () => {
  expect(readSettings({ env: env() })).toEqual({ url: 'http://127.0.0.1:5002', token: undefined, warnings: [] });
  file('tok', 'from-its-file\n');
  file('cli.yaml', 'url: https://file.example\ntoken_file: tok\n');
  expect(readSettings({ env: env() })).toMatchObject({ url: 'https://file.example', token: 'from-its-file' });
  const variables = env({ PCO_API_URL: 'https://variable.example/', PCO_API_TOKEN: 'variable' });
  expect(readSettings({ env: variables })).toMatchObject({ url: 'https://variable.example', token: 'variable' });
  const option = { url: 'localhost:1', tokenFile: file('other', 'option') };
  expect(readSettings({ env: variables, ...option })).toMatchObject({ url: 'http://localhost:1', token: 'option' });
});

test('what makes a token known to others is said', () => {
  const warn = (given: Omit<Parameters<typeof readSettings>[0], 'env'>) =>
    readSettings({ env: env(), ...given }).warnings;
  expect(warn({ token: 'secret' })).toEqual([expect.stringContaining('on the command line')]);
  expect(warn({ tokenFile: file('open', 'secret', 0o644) })).toEqual([
    expect.stringMatching(/others .* can read .*chmod 600/),
  ]);
  expect(warn({ url: 'http://far.example', tokenFile: file('mine', 'secret') })).toEqual([
    expect.stringContaining('unencrypted to far.example'),
  ]);
  expect(warn({ url: 'http://127.0.0.1:1', tokenFile: file('mine', 'secret') })).toEqual([]);
});

test.each([
  ['an address of something else', { url: 'ftp://a' }, /no address of an api/],
  ['an address with a password', { url: 'http://a:b@c' }, /takes a token/],
  ['a token file that is missing', { tokenFile: '/nowhere' }, /cannot be read/],
  ['a token with a line break', { token: 'a\nb' }, /no token has/],
])('%s is refused', (_, given, why) => {
  expect(() => readSettings({ env: env(), ...given })).toThrow(why);
});

test('a settings file with something else in it is refused', () => {
  file('cli.yaml', 'ulr: http://a\n');
  expect(() => readSettings({ env: env() })).toThrow(/Unrecognized key.*It may hold url/);
});
