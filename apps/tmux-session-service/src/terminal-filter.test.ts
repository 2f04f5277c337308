import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTerminalFilter } from './terminal-filter.ts';

const filtered = (...pieces: (string | Buffer)[]): string => {
  const filter = createTerminalFilter();
  return pieces.map((piece) => filter.push(Buffer.from(piece as string))).join(''); // both kinds are taken
};

/** Everything that may ever come out, written down a second time and differently. */
const ALLOWED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
  /^(?:[^\u0000-\u001f\u007f-\u009f]|[\u0007-\u000f]|\u001b(?:[78DEHMc=>]|#8|[()][0AB]|\[(?:[?]?[\d;:]*[@A-MPSTXZ`abd-gmrsu]|4[hl]|\?[\d;]+[hl]|\d* q|!p)|\][012];[^\u0000-\u001f\u007f-\u009f]*\u0007|\]8;(?:id=[\w-]+)?;(?:(?:https?|mailto):[!-~]+)?\u0007))*$/;

const piece = fc.oneof(
  fc.constantFrom(
    '\u001b',
    '\u001b[',
    '\u001b]',
    '\u001bP',
    '\u001b\\',
    '\u0007',
    '\u0018',
    '\u009b',
    '\u0005',
    '\u007f',
  ),
  fc.constantFrom(
    '?25',
    '?1004;25',
    '1;31',
    '52;c;',
    '8;;',
    '0;',
    'h',
    'l',
    'm',
    'c',
    'n',
    't',
    '$q',
    '999999b',
    '\r\n',
    '2J',
  ),
  fc.constantFrom('https://example.com/a', 'javascript:alert(1)', 'é', '漢', '👩‍💻', 'text'),
  fc.string(),
);
const stream = fc
  .array(
    fc.oneof(
      piece.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
    ),
  )
  .map((parts) => Buffer.concat(parts));

describe('what the bytes are cut into', () => {
  test('does not matter', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(40)), (bytes, cuts) => {
        const pieces: Buffer[] = [];
        let rest = bytes;
        for (const cut of cuts) {
          pieces.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        expect(filtered(...pieces, rest)).toBe(filtered(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  test('a filter that starts anew before the undecided bytes goes on with the same text', () => {
    fc.assert(
      fc.property(stream, fc.nat(200), (bytes, at) => {
        const cut = Math.min(at, bytes.length);
        const before = createTerminalFilter();
        const head = before.push(bytes.subarray(0, cut));
        expect(head + filtered(bytes.subarray(cut - before.pendingBytes))).toBe(filtered(bytes));
      }),
      { numRuns: 2_000 },
    );
  });
});

test('only what is on the list comes out, and it stays when filtered again', () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      const text = filtered(bytes);
      expect(text).toMatch(ALLOWED);
      expect(filtered(text)).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['the clipboard', '\u001b]52;c;c2VjcmV0\u0007'],
  ['reading the clipboard', '\u001b]52;c;?\u001b\\'],
  ['reports of the title', '\u001b[21t\u001b[20t'],
  ['moving and resizing the window', '\u001b[3;0;0t\u001b[8;10;10t'],
  ['device attributes', '\u001b[c\u001b[>c\u001b[=0c\u001bZ'],
  ['status reports', '\u001b[5n\u001b[6n\u001b[?6n\u001b[?996n'],
  ['mode and setting requests', '\u001b[?2026$p\u001bP$qm\u001b\\\u001bP+q544e\u001b\\'],
  ['terminal parameters and version', '\u001b[x\u001b[>q\u001b[>0q'],
  ['the answerback', '\u0005'],
  ['colour requests', '\u001b]4;1;?\u0007\u001b]10;?\u0007\u001b]11;?\u001b\\'],
  ['keyboard protocols', '\u001b[?u\u001b[>1u\u001b[>4;2m\u001b[?9001h\u001b[?1004h'],
  [
    'pictures, passthrough and program strings',
    '\u001bPq#0~\u001b\\\u001bPtmux;\u001b\u001b]52;c;x\u0007\u001b\\\u001b_Gx\u001b\\\u001b^x\u001b\\\u001bXx\u001b\\',
  ],
  ['printing', '\u001b[i\u001b[?5i'],
  ['notifications and files', '\u001b]9;hello\u0007\u001b]777;notify;a;b\u0007\u001b]1337;File=:AAAA\u0007'],
  ['a sequence that is cut off', '\u001b[31\u0018\u001b]0;title\u001a'],
  ['screen window names', '\u001bktitle\u001b\\'],
  ['numbers that fill the memory', '\u001b[99999999b'],
])('%s is left out', (_what, text) => {
  expect(filtered(text)).toBe('');
});

test('8-bit controls lose their meaning', () => {
  expect(filtered('\u009b6n')).toBe('6n');
});

test('what belongs to the picture passes', () => {
  const text =
    'é漢\t\r\n\u001b[1;38;2;1;2;3mred\u001b[0m\u001b[?25l\u001b[?1049h\u001b[2J\u001b[10;5H\u001b7\u001b8\u001b(0x\u001b(B\u001b[4 q';
  expect(filtered(text)).toBe(text);
});

test('links lead to the web only, and a refused one does not prolong the last', () => {
  expect(filtered('\u001b]8;id=a:x=1;https://example.com/\u001b\\here\u001b]8;;\u001b\\')).toBe(
    '\u001b]8;id=a;https://example.com/\u0007here\u001b]8;;\u0007',
  );
  for (const target of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'JaVaScRiPt:x', 'https://a b'])
    expect(filtered(`\u001b]8;;${target}\u0007x`)).toBe('\u001b]8;;\u0007x');
});

test('a title is cut and cleaned', () => {
  expect(filtered(`\u001b]0;a\u202eb${'x'.repeat(400)}\u0007`)).toBe(`\u001b]0;ab${'x'.repeat(254)}\u0007`);
});

test('a mode that nobody should switch does not cost the others', () => {
  expect(filtered('\u001b[?1004;25;2004h')).toBe('\u001b[?25;2004h');
});

test('controls inside a sequence take effect before it, once', () => {
  expect(filtered('\u001b[3', '\n1mx')).toBe('\n\u001b[31mx');
});

test('a string without end is given up in the end', () => {
  const text = filtered('\u001bP', Buffer.alloc(2 * 1024 * 1024, 'a'), 'visible');
  expect(text.length).toBeLessThan(1024 * 1024 + 20);
  expect(text.endsWith('visible')).toBe(true);
});
