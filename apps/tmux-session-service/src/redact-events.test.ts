import { plantedSecrets } from '@pco/shared/testing/planted-secrets';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CAUGHT_UP, type OutputEvent } from './recording-events.ts';
import { redactEvents } from './redact-events.ts';

const nothing = () => false;

async function redacted(
  pieces: readonly string[],
  isOwn: (word: string) => boolean = nothing,
  cols = 80,
): Promise<OutputEvent[]> {
  const events = pieces.map((text, atMs) => ({ atMs, text }));
  return Array.fromAsync(redactEvents(toAsync(events), isOwn, cols));
}
async function* toAsync(events: readonly OutputEvent[]): AsyncGenerator<OutputEvent> {
  yield* events;
}
const textOf = (events: readonly OutputEvent[]): string => events.map(({ text }) => text).join('');

test('a secret is found in whatever pieces it comes, and every piece keeps its time and length', async () => {
  const whole = plantedSecrets(68)
    .map(({ printed }) => `$ ${printed}\r\nok\r\n`)
    .join('');
  const expected = textOf(await redacted([whole]));
  expect(plantedSecrets(68).filter(({ secret }) => expected.includes(secret))).toEqual([]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), async (lengths) => {
      const pieces: string[] = [];
      for (let at = 0, index = 0; at < whole.length; index++) {
        const length = lengths[index % lengths.length] ?? 1;
        pieces.push(whole.slice(at, at + length));
        at += length;
      }
      const events = await redacted(pieces);
      expect(textOf(events)).toBe(expected);
      expect(events.map(({ atMs, text }) => [atMs, text.length])).toEqual(
        pieces.map(({ length }, atMs) => [atMs, length]),
      );
    }),
    { numRuns: 30 },
  );
});

test('colours inside do not hide a secret, and stay', async () => {
  const text = 'x \u001b[31msk-ant-\u001b[1mapi03-abcdefghijkl\u001b[0mmnopqrst\u001b[0m y';
  expect(textOf(await redacted([text]))).toBe(
    `x \u001b[31m*******\u001b[1m${'*'.repeat(18)}\u001b[0m********\u001b[0m y`,
  );
});

test('jumps between words count as spaces, the right margin as nothing', async () => {
  expect(textOf(await redacted(['password:\u001b[1Cabc123def\u001b[1Cnext']))).toBe(
    'password:\u001b[1C*********\u001b[1Cnext',
  );
  const wrapped = 'ghp_abcdefghij \rklmnopqrstuvwxyz0123456789';
  expect(textOf(await redacted([wrapped])).replaceAll(/[* \r]/g, '')).toBe('');
});

const WRAPS: readonly [how: string, between: string][] = [
  ['new lines', '\r\n'],
  ['new lines and an indentation', '\r\n  '],
  ['a frame', ' │\r\n│ '],
  ['jumps to the next line', '\u001b[7;3H'],
  ['jumps with colours', '\u001b[0m\u001b[8;1H\u001b[2m'],
];

test.each(WRAPS)('of 200 secrets that a program wraps by %s no piece is left', async (_how, between) => {
  const cols = 60;
  const planted = plantedSecrets(200);
  const lines = planted.flatMap(({ printed }, index) => {
    const text = `${'word '.repeat(3 + (index % 7))}${printed.replaceAll('\n', ' ')}`;
    return [...text.matchAll(/.{1,56}/g)].map(([line]) => line).join(between);
  });
  const text = textOf(await redacted([`${lines.join('\r\n\r\n')}\r\n`], nothing, cols));
  // a few characters of it tell nothing: the end of one that only just did not fit may be left
  const pieces = planted.map(({ secret }) => secret.slice(Math.floor(secret.length / 3)).slice(0, 8));
  expect(pieces.filter((piece) => text.includes(piece))).toEqual([]);
});

test('lines that end where they want to are not joined', async () => {
  const text = 'the key is AKIA\r\nABCDEFGHIJKLMNOP is no key\r\n';
  expect(textOf(await redacted([text]))).toBe(text);
});

test('titles and links that hold a secret are left out', async () => {
  const link = '\u001b]8;;https://me:hunter2@example.com/\u0007here\u001b]8;;\u0007';
  expect(textOf(await redacted([`\u001b]0;ghp_${'a1'.repeat(18)}\u0007${link}\u001b]0;fine\u0007`]))).toBe(
    'here\u001b]8;;\u0007\u001b]0;fine\u0007',
  );
});

test('what the session was given is hidden although it looks like nothing', async () => {
  expect(textOf(await redacted(['see correcthorsebattery there'], (word) => word === 'correcthorsebattery'))).toBe(
    `see ${'*'.repeat(19)} there`,
  );
});

test('in a long recording as well, also where it is cut for the work', async () => {
  const secrets = plantedSecrets(34);
  const filler = `${'nothing to hide here, only text. '.repeat(200)}\r\n`;
  const pieces = Array.from({ length: 300 }, (_, index) => `${filler.slice(index)}${secrets[index % 34]?.printed}\r\n`);
  const events = await redacted(pieces);
  const text = textOf(events);
  expect(text.length).toBe(pieces.join('').length);
  expect(secrets.filter(({ secret }) => text.includes(secret))).toEqual([]);
});

test('where there is nothing more for a moment, what may be the beginning of a secret waits until it is known', async () => {
  const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7';
  const key = ['-----BEGIN PRIVATE KEY-----', ...Array<string>(30).fill(line), '-----END PRIVATE KEY-----'];
  const planted = plantedSecrets(34);
  const printed = planted.map((each) => `$ ${each.printed}\r\nok\r\n`);
  const whole = [...printed.slice(0, 17), ...key.map((each) => `${each}\r\n`), 'ok\r\n', ...printed.slice(17)].join('');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 5, max: 90 }), { minLength: 1 }), async (lengths) => {
      const pieces: string[] = [];
      for (let at = 0, index = 0; at < whole.length; index++) {
        const length = lengths[index % lengths.length] ?? 1;
        pieces.push(whole.slice(at, at + length), CAUGHT_UP);
        at += length;
      }
      const text = textOf(await redacted(pieces));
      expect([line, ...planted.map(({ secret }) => secret)].filter((secret) => text.includes(secret))).toEqual([]);
      expect(text).toHaveLength(whole.length);
      expect(text.match(/ok\r\n/g)?.length, 'the rest is still there').toBeGreaterThan(30);
    }),
    { numRuns: 10 },
  );
  const shown = await redacted(['one two', CAUGHT_UP, ' three ']);
  expect(shown.map(({ text }) => text)).toEqual(['one ', CAUGHT_UP, 'two', ' three ']);
}, 30_000);
