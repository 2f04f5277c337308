import fc from 'fast-check';
import { expect, test } from 'vitest';
import { insertAt } from './insert-at.ts';

test.each<[string, [number, number], string, string]>([
  ['', [0, 0], 'round up', 'round up|'],
  ['Please', [6, 6], 'round up', 'Please round up|'],
  ['Please ', [7, 7], ' round up\n', 'Please round up|'],
  ['Please now', [7, 7], 'round up', 'Please round up |now'],
  ['Please, now', [6, 6], 'round up', 'Please round up|, now'],
  ['Please do not', [7, 9], 'stop', 'Please stop| not'],
  ['a', [0, 0], 'b\u001b[201~\r\nc', 'b [201~ c |a'],
])('into %j at %j comes %j', (value, at, words, expected) => {
  const put = insertAt(value, at, words);
  expect(`${put.value.slice(0, put.cursor)}|${put.value.slice(put.cursor)}`).toBe(expected);
});

test('whatever is said, what stood there stays, and no control character comes in', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.string({ unit: 'binary' }), (value, at, words) => {
      const place = at % (value.length + 1);
      const { value: whole, cursor } = insertAt(value, [place, place], words);
      expect(whole.startsWith(value.slice(0, place))).toBe(true);
      expect(whole.endsWith(value.slice(place))).toBe(true);
      expect(whole.slice(place, cursor)).not.toMatch(/\p{Cc}/u);
    }),
  );
});
