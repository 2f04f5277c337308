import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { AppError } from './errors.ts';
import { createLogger, type LogLevel } from './log.ts';

/** A logger and the lines that it wrote. */
function logger(level: LogLevel = 'debug') {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { log: createLogger('test', level, sink), lines, text: () => JSON.stringify(lines) };
}

const SECRET = 'plane_api_very_secret';
const NAMES = [
  'token',
  'api_token',
  'apiToken',
  'authorization',
  'Authorization',
  'password',
  'secret',
  'apiKey',
  'x-api-key',
  'X-Api-Key',
];

test('a line is JSON with its service, a time in UTC and a level by name', () => {
  const { log, lines } = logger();
  log.info({ ticketId: 'ACME-1' }, 'ticket moved');
  expect(lines).toEqual([
    { level: 'info', time: expect.stringMatching(/Z$/), service: 'test', ticketId: 'ACME-1', msg: 'ticket moved' },
  ]);
});

test.each(NAMES)('%s is never written, wherever it stands', (name) => {
  const { log, text } = logger();
  const held = { [name]: SECRET };
  log.info(held, 'top');
  log.info({ config: held }, 'nested');
  log.info({ request: { headers: held } }, 'nested twice');
  log.info({ a: { b: { c: held } } }, 'nested three times');
  log.child(held).info('in a child');
  log.error({ err: new AppError('PLANE_REFUSED', { why: 'status 403', ...held }) }, 'in the details of an error');
  log.error({ err: new AppError('PLANE_REFUSED', { request: held }) }, 'deeper in the details of an error');
  log.error({ err: Object.assign(new Error('x'), held) }, 'on an error');
  expect(text()).not.toContain(SECRET);
  expect(text()).toContain('[redacted]');
});

test('what is no secret stays', () => {
  const { log, lines } = logger();
  log.info({ tokens: 5, tokenHash: 'abc', nested: { sessionId: 's' } }, 'usage');
  expect(lines[0]).toMatchObject({ tokens: 5, tokenHash: 'abc', nested: { sessionId: 's' } });
});

test('an error keeps its code, details and cause', () => {
  const { log, lines } = logger();
  const err = new AppError('PLANE_REFUSED', { why: 'status 403' }, { cause: new Error('socket') });
  log.warn({ err }, 'refused');
  expect(lines[0]?.err).toMatchObject({ code: 'PLANE_REFUSED', details: { why: 'status 403' } });
  expect(JSON.stringify(lines[0]?.err)).toContain('socket');
});

test('hostile text stays within its own line', () => {
  const { log, lines } = logger();
  log.info({ title: 'a\n{"level":"error","msg":"forged"}\u001b[2J' }, 'ticket');
  expect(lines).toHaveLength(1);
});

test('silent says nothing', () => {
  const { log, lines } = logger('silent');
  log.fatal('loud');
  expect(lines).toEqual([]);
});

test('a failure of which only the text matters is that text', () => {
  const { log, lines } = logger();
  log.warn({ err: 'Plane did not answer' }, 'poll failed');
  expect(lines[0]).toMatchObject({ err: 'Plane did not answer', msg: 'poll failed' });
});
