import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fit, oneLine, printable, printableJson, widthOf } from './text.ts';

/** Anything, and much of what terminals obey. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\x1b[2J',
        '\x1b]0;owned\x07',
        '\x9b31m',
        '\r',
        '\b',
        '\u202e',
        '\u2028',
        '\ufeff',
        '漢字',
        '👩‍👩‍👧',
        '\ud800',
        '\u{e0041}',
      ),
    ),
  )
  .map((parts) => parts.join(''));
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u;

test('nothing that a terminal obeys is left of any text', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      for (const line of printable(text).split('\n')) expect(line).not.toMatch(OBEYED);
      expect(oneLine(text)).not.toMatch(OBEYED);
    }),
  );
});

test('what can be read stays as it is, and what would be obeyed is shown', () => {
  const sound = 'Grüße aus 東京 👩‍👩‍👧, naïve — ‘quoted’ \\n';
  expect(printable(`${sound}\n${sound}`)).toBe(`${sound}\n${sound}`);
  expect(printable('a\x1b[2Jb\u202ec\x9bd\u{e0041}')).toBe('a\\x1b[2Jb\\u202ec\\x9bd\\u{e0041}');
  expect(oneLine('  two\r\n lines\t')).toBe('two lines');
});

test('JSON is harmless and means the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), hostile, (value, text) => {
      const json = printableJson({ value, text });
      expect(json).not.toMatch(OBEYED);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text })));
    }),
  );
});

test('a text that is cut fits, and is cut between characters', () => {
  fc.assert(
    fc.property(hostile.map(oneLine), fc.nat(40), (text, width) => {
      const fitted = fit(text, width);
      expect(widthOf(fitted)).toBeLessThanOrEqual(Math.max(width, 0));
      if (widthOf(text) <= width) expect(fitted).toBe(text);
    }),
  );
  expect(fit('漢字漢字', 5)).toBe('漢字…');
});

test('characters that are only joiners have a width too', () => {
  expect(widthOf('\u{13430}')).toBe(1);
  expect(widthOf('a\u{13430}b')).toBeGreaterThanOrEqual(2);
  expect(fit('\u{13430}'.repeat(9), 4)).toMatch(/…$/);
});
