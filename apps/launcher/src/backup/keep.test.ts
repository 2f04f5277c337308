import { expect, test } from 'vitest';
import { archiveName, outdated } from './keep.ts';

const at = (day: number) => archiveName(new Date(Date.UTC(2027, 0, day, 3, 4, 5)));
const now = new Date(Date.UTC(2027, 0, 20, 3, 4, 6));

test('an archive is named after its second, in UTC', () => {
  expect(at(9)).toBe('pco-backup-2027-01-09T03-04-05Z.tar.gz');
});

test('archives older than the days to keep may go, and nothing else that lies beside them', () => {
  const names = [at(1), at(12), at(13), at(14), at(20), 'pco-backup-notes.txt', 'other-2027-01-01T03-04-05Z.tar.gz'];
  expect(outdated(names, now, 7)).toEqual([at(1), at(12), at(13)]);
  expect(outdated(names, now, 0)).toEqual([at(1), at(12), at(13), at(14)]);
});

test('the newest archive stays, however old it is', () => {
  expect(outdated([at(1), at(2)], now, 7)).toEqual([at(1)]);
  expect(outdated([], now, 7)).toEqual([]);
});
