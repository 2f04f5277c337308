import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogLines, parseRecord, prefixed } from './log-lines.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pco-log-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

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
  const lines = createLogLines({ format: 'human', file, color: false, write: (text) => shown.push(text) });
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
