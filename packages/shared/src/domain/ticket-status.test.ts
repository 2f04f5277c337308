import { expect, test } from 'vitest';
import { FINAL, isLegalMove, MOVES, STATUSES, type Status } from './ticket-status.ts';

/** Every status that can be reached from one. */
function reachable(from: Status, over: (status: Status) => boolean = () => true): Set<Status> {
  const found = new Set<Status>([from]);
  for (const status of found) if (over(status)) for (const next of MOVES[status]) found.add(next);
  return found;
}

test('every status can be reached from pending', () => {
  expect(reachable('pending')).toEqual(new Set(STATUSES));
});

test.each(STATUSES.filter((status) => !FINAL.has(status)))(
  '%s can be left, cancelled and brought to done',
  (status) => {
    expect(isLegalMove(status, 'cancelled')).toBe(true);
    expect(reachable(status, (at) => !FINAL.has(at))).toContain('done');
  },
);

test('a finished ticket only begins anew', () => {
  for (const status of FINAL) expect(MOVES[status]).toEqual(['pending', 'approved']);
});

test('no table entry names its own status, and staying is always legal', () => {
  for (const status of STATUSES) {
    expect(MOVES[status]).not.toContain(status);
    expect(new Set(MOVES[status]).size).toBe(MOVES[status].length);
    expect(isLegalMove(status, status)).toBe(true);
  }
});

test.each([
  ['pending', 'active'],
  ['approved', 'active'],
  ['active', 'done'],
  ['updating', 'active'],
  ['done', 'cancelled'],
] as const)('there is no way from %s to %s at once', (from, to) => {
  expect(isLegalMove(from, to)).toBe(false);
});
