import fc from 'fast-check';
import { expect, test } from 'vitest';
import { table } from './table.ts';
import { widthOf } from './text.ts';

interface Row {
  readonly id: string;
  readonly title: string | null;
}
const COLUMNS = [
  { title: 'ID', of: ({ id }: Row) => id },
  { title: 'TITLE', of: ({ title }: Row) => title, gives: true },
];

test('columns stand below each other, wide characters counted as wide', () => {
  const rows = [
    { id: 'A-1', title: 'one' },
    { id: '漢字', title: null },
  ];
  expect(table(rows, COLUMNS, 80)).toEqual(['ID    TITLE', 'A-1   one', '漢字  -']);
});

test('what may give way does, down to what can still be read', () => {
  const rows = [{ id: 'ACME-1', title: 'a long title of many words' }];
  expect(table(rows, COLUMNS, 20)[1]).toBe('ACME-1  a long titl…');
  expect(table(rows, COLUMNS, 1)[1]).toBe('ACME-1  a long …');
});

test('whatever stands in a row, it is one line and no wider than the terminal', () => {
  const anything = fc.array(fc.record({ id: fc.constant('ACME-1'), title: fc.string({ unit: 'binary' }) }), {
    maxLength: 5,
  });
  const isSound = (line: string) => !/\p{Cc}/u.test(line) && widthOf(line) <= 30;
  fc.assert(
    fc.property(anything, (rows) => {
      const lines = table(rows, COLUMNS, 30);
      return lines.length === rows.length + 1 && lines.every(isSound);
    }),
  );
});
