import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import timers from 'node:timers';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createLogLines, parseRecord, prefixed } from './log-lines.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pco-log-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

type Levels = Parameters<typeof createLogLines>[0]['levels'];
const open = (path: string, levels: Levels, write: (text: string) => unknown) =>
  createLogLines({ format: 'human', levels, file: { path, maxMb: 1, maxDays: 0, keep: 5 }, color: false, write });
const linesOf = (file: string) => readFileSync(file, 'utf8').trim().split('\n');

test('only JSON objects with a level are log records', () => {
  expect(parseRecord('{"level":"info","msg":"hello"}')).toEqual({ level: 'info', msg: 'hello' });
  expect(parseRecord('{"level":')).toBeUndefined();
  expect(parseRecord('Error: {')).toBeUndefined();
  expect(parseRecord('{"a":1}')).toBeUndefined();
});

test('every line of a stack trace carries the name of its service', () => {
  expect(prefixed('api', 'ERROR: no\n    at x\n')).toBe('[api] ERROR: no\n[api]     at x\n');
});

test('people see prefixed lines while the file holds JSON only', async () => {
  const shown: string[] = [];
  const file = join(dir, 'logs', 'all.log');
  const lines = open(file, { level: 'info', file_level: 'debug' }, (text) => shown.push(text));
  lines.child('api', '{"level":"info","time":"2026-01-02T03:04:05.000Z","service":"api","msg":"listening"}', 'stdout');
  lines.child('poller', 'something odd', 'stderr');
  lines.own('warn', 'api died', { pid: 7 });
  await lines[Symbol.asyncDispose]();
  expect(shown.join('')).toMatch(
    /^\[api\] .*INFO: listening\n\[poller\] .*ERROR: something odd\n\[launcher\] .*WARN: api died/,
  );
  const records = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(records.map(({ service, msg }) => [service, msg])).toEqual([
    ['api', 'listening'],
    ['poller', 'something odd'],
    ['launcher', 'api died'],
  ]);
});

test('debug goes into the file only, until the console is to have it too', async () => {
  const shown: string[] = [];
  const file = join(dir, 'all.log');
  const levels: { level: 'info' | 'debug'; file_level: 'debug' | 'error' } = { level: 'info', file_level: 'debug' };
  const lines = open(file, levels, (text) => shown.push(text));
  const say = (level: string, msg: string) => lines.child('api', JSON.stringify({ level, msg }), 'stdout');
  say('debug', 'one');
  say('fatal', 'two');
  levels.level = 'debug';
  levels.file_level = 'error';
  say('debug', 'three');
  await lines[Symbol.asyncDispose]();
  expect(linesOf(file).map((line) => JSON.parse(line).msg)).toEqual(['one', 'two']);
  expect(shown.map((line) => line.trim().split(' ').at(-1))).toEqual(['two', 'three']);
});

test('a line that its writer could not finish takes no other along', async () => {
  const file = join(dir, 'all.log');
  writeFileSync(file, '{"level":"info","msg":"who');
  const lines = open(file, { level: 'silent', file_level: 'info' }, () => undefined);
  lines.own('info', 'whole');
  await lines[Symbol.asyncDispose]();
  expect(linesOf(file)).toEqual(['{"level":"info","msg":"who', expect.stringContaining('"msg":"whole"')]);
});

const DAY = 24 * 3_600_000;
const byAge = (path: string, maxDays: number) =>
  createLogLines({
    format: 'none',
    levels: { level: 'silent', file_level: 'info' },
    file: { path, maxMb: 1, maxDays, keep: 2 },
    color: false,
    write: () => undefined,
  });
const begun = (daysAgo: number, msg: string) =>
  `${JSON.stringify({ level: 'info', time: new Date(Date.now() - daysAgo * DAY).toISOString(), msg })}\n`;
const messagesOf = (file: string) => linesOf(file).map((line) => JSON.parse(line).msg);

test('a start that finds a file older than it may be begins a new one, and keeps so many', async () => {
  const file = join(dir, 'all.log');
  writeFileSync(file, begun(3.1, 'old') + begun(0, 'of today'));
  writeFileSync(`${file}.1`, begun(9, 'older'));
  writeFileSync(`${file}.2`, begun(20, 'oldest'));
  const lines = byAge(file, 3);
  lines.own('info', 'new');
  await lines[Symbol.asyncDispose]();
  expect(readdirSync(dir).sort()).toEqual(['all.log', 'all.log.1', 'all.log.2']);
  expect(messagesOf(file)).toEqual(['new']);
  expect(messagesOf(`${file}.1`)).toEqual(['old', 'of today']);
  expect(messagesOf(`${file}.2`)).toEqual(['older']);
});

test('also of a file that is larger than a string can be only its first line is looked at', async () => {
  const file = join(dir, 'all.log');
  writeFileSync(file, begun(3.1, 'old'));
  truncateSync(file, 3 * 2 ** 30); // sparse: it takes no room
  const lines = byAge(file, 3);
  lines.own('info', 'new');
  await lines[Symbol.asyncDispose]();
  expect(messagesOf(file)).toEqual(['new']);
  expect(readdirSync(dir).sort()).toEqual(['all.log', 'all.log.1']);
});

test.each([
  ['it is young enough', 3, begun(2.9, 'there')],
  ['age does not count', 0, begun(99, 'there')],
  ['it does not say when it began', 3, '{"level":"info","msg":"there"}\n'],
])('a start goes on with the file when %s', async (_, maxDays, text) => {
  const file = join(dir, 'all.log');
  writeFileSync(file, text);
  const lines = byAge(file, maxDays);
  lines.own('info', 'more');
  await lines[Symbol.asyncDispose]();
  expect(readdirSync(dir)).toEqual(['all.log']);
  expect(messagesOf(file)).toEqual(['there', 'more']);
});

test('a writer begins a new file after so many days', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const alarms = vi.spyOn(timers, 'setTimeout');
  syncBuiltinESMExports(); // the writer takes its alarm from that module
  onTestFinished(() => {
    vi.useRealTimers();
    alarms.mockRestore();
    syncBuiltinESMExports();
  });
  const file = join(dir, 'all.log');
  const lines = byAge(file, 2);
  lines.own('info', 'first day');
  await expect.poll(() => readFileSync(file, 'utf8')).toContain('first day');
  const [ring, delay = 0] = alarms.mock.calls.find(([, ms = 0]) => ms > DAY / 2) ?? [];
  expect(delay).toBeLessThan(2.1 * DAY);
  vi.setSystemTime(Date.now() + delay);
  ring?.();
  await expect.poll(() => readdirSync(dir).sort()).toEqual(['all.log', 'all.log.1']);
  lines.own('info', 'third day');
  await lines[Symbol.asyncDispose]();
  expect(messagesOf(`${file}.1`)).toEqual(['first day']);
  expect(messagesOf(file)).toEqual(['third day']);
});
