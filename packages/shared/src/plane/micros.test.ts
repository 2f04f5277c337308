import fc from 'fast-check';
import { expect, test } from 'vitest';
import { microsToIso, parseMicros } from './micros.ts';

test.each([
  ['2026-11-20T17:53:21.148902Z', 1_795_197_201_148_902],
  ['2026-11-20T23:23:21.148902+05:30', 1_795_197_201_148_902],
  ['2026-11-20T23:23:21.148902+0530', 1_795_197_201_148_902],
  ['2026-11-20 10:53:21.148902-07:00', 1_795_197_201_148_902],
  ['2026-11-20T17:53:21Z', 1_795_197_201_000_000],
  ['2026-11-20T17:53:21.1Z', 1_795_197_201_100_000],
  ['2026-11-20T17:53:21.1489029Z', 1_795_197_201_148_902],
  ['1969-12-31T23:59:59.999999Z', -1],
])('%s is read to the microsecond', (text, us) => {
  expect(parseMicros(text)).toBe(us);
});

test.each(['', '2026-11-20', '2026-11-20T17:53:21', '2026-13-20T17:53:21Z', 'yesterday', '2026-11-20T17:53:21.Z'])(
  '%j is no time stamp',
  (text) => {
    expect(parseMicros(text)).toBeUndefined();
  },
);

const micros = fc.integer({ min: 0, max: Date.UTC(2100, 0) * 1_000 });
const offset = fc.integer({ min: -14 * 60, max: 14 * 60 });

test('every moment survives being written in any time zone', () => {
  fc.assert(
    fc.property(micros, offset, (us, minutes) => {
      expect(parseMicros(render(us, minutes))).toBe(us);
    }),
  );
});

test('our own form keeps the order of moments', () => {
  fc.assert(
    fc.property(micros, micros, (a, b) => {
      const [early, late] = [Math.min(a, b), Math.max(a, b)];
      expect(microsToIso(early) <= microsToIso(late)).toBe(true);
    }),
  );
});

/** As Django does it: no digits when they are zero. */
function render(us: number, offsetMinutes: number): string {
  const shifted = Math.floor(us / 1_000) + offsetMinutes * 60_000;
  const digits = us % 1_000_000 === 0 ? '' : `.${String(us % 1_000_000).padStart(6, '0')}`;
  const size = Math.abs(offsetMinutes);
  const two = (n: number) => String(n).padStart(2, '0');
  const zone = `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return `${new Date(shifted).toISOString().slice(0, 19)}${digits}${zone}`;
}
