import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agreed, type SentinelView } from './sentinel-views.ts';

const view = (configEpoch: number, master: string, ...candidates: string[]): SentinelView => ({
  configEpoch,
  master,
  candidates,
});

test('a replica counts if any sentinel could choose it', () => {
  expect(agreed([view(3, 'a:1', 'b:1'), view(3, 'a:1', 'c:1', 'b:1'), view(3, 'a:1')])).toEqual({
    master: 'a:1',
    candidates: ['b:1', 'c:1'],
  });
});

test('who has not heard of the latest failover has no say, and nothing is known of nobody', () => {
  expect(agreed([view(3, 'a:1', 'b:1', 'c:1'), view(4, 'b:1', 'c:1')])).toEqual({ master: 'b:1', candidates: ['c:1'] });
  expect(agreed([])).toBeUndefined();
});

test('the order of the sentinels changes nothing', () => {
  const name = fc.constantFrom('a:1', 'b:1', 'c:1');
  const views = fc.array(
    fc.record({ configEpoch: fc.nat(4), candidates: fc.uniqueArray(name) }).map(({ configEpoch, candidates }) => ({
      ...{ configEpoch, candidates },
      master: `m${configEpoch}:1`, // each failover has one outcome
    })),
  );
  fc.assert(
    fc.property(views, (said) => {
      expect(agreed(said.toReversed())).toEqual(agreed(said));
    }),
  );
});
