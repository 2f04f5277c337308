import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trigger } from '@pco/shared/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from '../../api/src/testing/api-fixture.ts';
import { COMMANDS } from './commands/index.ts';
import { typed } from './testing/typed.ts';

const ADMIN = 'admin-token-of-this-test';
let api: ApiFixture;
let dir: string;
let admin: Record<string, string>;
beforeAll(async () => {
  api = await apiFixture({ token: ADMIN });
  dir = mkdtempSync(join(tmpdir(), 'pco-cli-'));
  admin = { PCO_API_URL: api.url, PCO_API_TOKEN: ADMIN };
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const pco = (line: string | readonly string[], more: { input?: string; columns?: number } = {}) =>
  typed(line, { env: admin, ...more });
const statusOf = async (id: string) => JSON.parse((await pco(`show ${id} --json`)).stdout).status;

test('a ticket goes from its approval to Plane by commands alone', async () => {
  await api.bring('WAY-1', 'pending');
  expect((await pco('list --status pending --text WAY-1')).stdout).toMatch(/^TICKET +STATUS.*\nWAY-1 +pending/);
  expect(await pco('approve WAY-1 --wait 0')).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('is approved'),
  });
  await api.bring('WAY-2', 'active');
  expect(await pco(['complete', 'WAY-2', 'Rounded', 'to cents'])).toMatchObject({
    exit: 0,
    stdout: 'WAY-2: completed\n',
  });
  expect(await pco('edit WAY-2 -', { input: 'In two\nlines\n' })).toMatchObject({ exit: 0, stdout: 'WAY-2: saved\n' });
  expect((await pco('show WAY-2')).stdout).toContain('\nSummary\n  In two\n  lines\n');
  expect(await pco('update WAY-2 --wait 0')).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('is being written'),
  });
  expect(await statusOf('WAY-2')).toBe('updating');
  await api.bring('WAY-3', 'completed');
  expect((await pco(['reject', 'WAY-3', 'tests are missing'])).exit).toBe(0);
  await api.bring('WAY-4', 'failed');
  expect(await pco('retry WAY-4 --resume')).toMatchObject({ exit: 0, stdout: 'WAY-4: retried\n' });
  expect((await pco('show WAY-4')).stdout).toMatch(
    /\nAttempts\n.* 1\. approved by somebody +failed.*claude-WAY-4\n.* 2\. retried/,
  );
  expect((await pco('cancel WAY-4')).exit).toBe(0);
  expect(await statusOf('WAY-4')).toBe('cancelled');
});

test('tokens are made, shown once, used, and revoked by name', async () => {
  const { stdout } = await pco('tokens create ops --role operator');
  const env = { PCO_API_URL: api.url, PCO_API_TOKEN: stdout.trim() };
  expect(await typed('whoami', { env })).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/name +ops\nrole +operator/),
  });
  expect(await typed('audit', { env })).toMatchObject({ exit: 4, stderr: expect.stringContaining('FORBIDDEN') });
  expect((await pco('tokens list')).stdout).toMatch(/ops +operator/);
  expect(await pco('tokens create ops')).toMatchObject({ exit: 6, stderr: expect.stringContaining('TOKEN_EXISTS') });
  expect((await pco('tokens revoke ops')).exit).toBe(0);
  expect(await typed('list', { env })).toMatchObject({
    exit: 4,
    stderr: expect.stringContaining('revoked or expired'),
  });
  expect((await pco('tokens revoke ops')).exit).toBe(3);
  expect((await pco('audit')).stdout).toMatch(/createToken/);
});

test.each([
  ['show GONE-1', 3, 'TICKET_NOT_FOUND'],
  ['show gone', 2, 'a ticket key looks like ACME-16'],
  ['list --status bogus', 2, 'status'],
  ['list --limit none', 2, '--limit takes a number'],
  ['approve GONE-1', 3, 'TICKET_NOT_FOUND'],
  ['projects poll NOPE', 3, 'PROJECT_NOT_FOUND'],
  ['runners give-up nobody', 3, 'RUNNER_NOT_FOUND'],
  ['tokens create ci --role king', 2, 'role'],
  ['answer GONE-1 maybe', 2, 'a digit, "yes" or "no"'],
  ['nonsense', 2, 'is no command'],
  ['list --url http://127.0.0.1:9', 5, 'no api answers at http://127.0.0.1:9'],
])('%s ends with %i and says %s', async (line, exit, said) => {
  const result = await pco(line);
  expect(result.stderr).toContain(said);
  expect(result.exit).toBe(exit);
  expect(result.stdout).toBe('');
});

test('a ticket whose state does not allow it ends with 6', async () => {
  await api.bring('BUSY-1', 'active');
  expect((await pco('complete BUSY-1 yes')).exit).toBe(0);
  expect(await pco('complete BUSY-1 no')).toMatchObject({ exit: 6, stderr: expect.stringContaining('TICKET_BUSY') });
  const { stdout } = await pco('complete BUSY-1 no --json');
  expect(JSON.parse(stdout)).toMatchObject({ code: 'TICKET_BUSY', exit: 6 });
});

test('without a token it ends with 4 and says how to give one', async () => {
  const result = await typed('list', { env: { PCO_API_URL: api.url } });
  expect(result).toMatchObject({ exit: 4, stderr: expect.stringContaining('--token-file FILE') });
  const shown = await typed(`list --token ${ADMIN}`, { env: { PCO_API_URL: api.url } });
  expect(shown).toMatchObject({ exit: 0, stderr: expect.stringContaining('on the command line') });
});

test('text of a ticket cannot reach the terminal as more than text', async () => {
  const title = 'Look \x1b]0;owned\x07\x1b[2J\u202eat this\x9b31m';
  const seen = trigger({ workItem: { title }, description: `${title}\r\n\x1b[1A` });
  await api.core.change({ ...seen, ticketId: 'EVIL-1' });
  for (const line of ['list --text EVIL-1', 'show EVIL-1', 'show EVIL-1 --json', 'list --json --text EVIL-1']) {
    const { exit, stdout } = await typed(line, { env: { ...admin, NO_COLOR: '1' }, columns: 60 });
    expect(exit).toBe(0);
    expect(stdout).toContain('Look');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  }
});

test('colours are for terminals that want them, and tables are no wider', async () => {
  await api.bring('WIDE-1', 'pending');
  const list = 'list --text WIDE-1';
  expect((await pco(list, { columns: 60 })).stdout).toContain('\x1b[');
  const { stdout } = await typed(list, { env: { ...admin, NO_COLOR: '1' }, columns: 60 });
  expect(stdout).not.toContain('\x1b[');
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  expect((await pco(list)).stdout).not.toContain('\x1b[');
});

test('the documented lists come out as files and go back in', async () => {
  await api.bring('KEEP-1', 'completed');
  const folder = join(dir, 'backup');
  expect((await pco(`export ${folder}`)).exit).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(['active-tickets.json', 'completed-tickets.json', 'pending-tickets.json']);
  const completed = JSON.parse(readFileSync(join(folder, 'completed-tickets.json'), 'utf8'));
  expect(completed).toContainEqual(expect.objectContaining({ id: 'KEEP-1' }));
  expect((await pco(`import ${folder}`)).stdout).toMatch(/^0 imported, \d+ skipped/);
  await using other = await apiFixture();
  const there = { env: { PCO_API_URL: other.url } };
  const document = (await pco('export')).stdout;
  expect((await typed('import -', { ...there, input: document })).stdout).toMatch(/^[1-9]\d* imported/);
  expect(JSON.parse((await typed('show KEEP-1 --json', there)).stdout)).toMatchObject({ status: 'completed' });
  expect(await typed(`import ${dir}`, there)).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('has none of'),
  });
  expect(await typed('import -', { ...there, input: '{' })).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('not JSON'),
  });
});

test('every command explains itself without an api', async () => {
  for (const { name } of COMMANDS.filter(({ isHidden }) => !isHidden)) {
    const { exit, stdout } = await typed(`${name} --help`, { env: { PCO_API_URL: 'http://127.0.0.1:9' } });
    expect(exit, name).toBe(0);
    expect(stdout).toMatch(new RegExp(`^usage: pco ${name}`));
  }
});

test.each(['projects list', 'runners', 'queues', 'sessions', 'tokens list', 'audit', 'whoami', 'list --all'])(
  '%s answers people and programs',
  async (line) => {
    expect(await pco(line, { columns: 100 })).toMatchObject({ exit: 0, stdout: expect.stringMatching(/\n$/) });
    expect(JSON.parse((await pco(`${line} --json`)).stdout)).toBeTypeOf('object');
  },
);

test('status ends with 1 while something is not as it should be, and says what', async () => {
  const { exit, stdout, stderr } = await pco('status');
  expect(exit).toBe(1);
  expect(stdout).toContain('no runner sends heartbeats');
  expect(stderr).toContain('not as it should be');
});

test('a link logs a browser in', async () => {
  const link = (await pco('login-link')).stdout.trim();
  const answer = await fetch(new URL(new URL(link).pathname + new URL(link).search, api.url), { redirect: 'manual' });
  expect(answer.status).toBe(303);
});
