import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lookBackoffMs } from './look.ts';

test('a look that waits asks less and less often, soon at first and never minutes apart', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), (starts) => {
      expect(lookBackoffMs(starts)).toBeGreaterThanOrEqual(70);
      expect(lookBackoffMs(starts)).toBeLessThanOrEqual(13_000);
    }),
  );
  expect(lookBackoffMs(1)).toBeLessThanOrEqual(130);
  expect(lookBackoffMs(20)).toBeGreaterThanOrEqual(7_000);
});
