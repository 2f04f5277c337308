import { expect, test } from 'vitest';
import { latest, mostOf, sumOf } from './columns.ts';

test('a sum is known where any of its parts is, and a gap where none is', () => {
  expect(
    sumOf([
      [1, null, 3],
      [10, null, null],
    ]),
  ).toEqual([11, null, 3]);
  expect(sumOf([])).toEqual([]);
});

test('the latest value is of these minutes: what is older says nothing about now', () => {
  expect(latest([1, 2, null])).toBe(2);
  expect(latest([7, null, null, null])).toBeNull();
  expect(latest(undefined)).toBeNull();
});

test('the most of nothing is not known', () => {
  expect(mostOf([null, 2, 5, null])).toBe(5);
  expect(mostOf([null])).toBeNull();
});
