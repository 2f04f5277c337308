import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
