import { expect, test } from 'vitest';
import { keysFor, parseKept, parseKeys, USUAL_KEYS } from './key-notation.ts';

test.each([
  [String.raw`\e`, '\u001b'],
  [String.raw`\t`, '\t'],
  [String.raw`\n`, '\r'],
  [String.raw`\x03`, '\u0003'],
  [String.raw`\x1B[A`, '\u001b[A'],
  [String.raw`/complete\n`, '/complete\r'],
  [String.raw`a\\tb`, String.raw`a\tb`],
  [String.raw`\q \x4`, String.raw`\q \x4`],
  ['語🙂', '語🙂'],
])('%s stands for %j', (notation, keys) => {
  expect(parseKeys(notation)).toBe(keys);
});

test('an arrow follows the mode that the program has asked for', () => {
  expect(keysFor(String.raw`\e[A`, false)).toBe('\u001b[A');
  expect(keysFor(String.raw`\e[A`, true)).toBe('\u001bOA');
  expect(keysFor(String.raw`\e[5~`, true)).toBe('\u001b[5~');
});

test('kept keys come back as they were; what is none of ours gives the usual ones', () => {
  const own = [{ label: 'Done', keys: String.raw`/complete\n` }];
  expect(parseKept(JSON.stringify(own))).toEqual(own);
  for (const other of [null, '', '{}', '[{"label":"x"}]', '[{"label":"","keys":"a"}]'])
    expect(parseKept(other)).toBe(USUAL_KEYS);
});
