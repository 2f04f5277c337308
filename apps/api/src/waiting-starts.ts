import { type Core, readStartWaits } from '@pco/shared/engine';

/** Approved tickets that wait for something, by what it is. */
export async function startWaits({ redis, store, policyOf }: Core) {
  const approved = await store.list('approved');
  if (approved.length === 0) return [];
  const waits = await readStartWaits(redis, policyOf);
  const found = await Promise.all(approved.map(waits));
  const byWhy = Map.groupBy(
    found.filter((wait) => wait !== null),
    ({ code, why }) => `${code} ${why}`,
  );
  return [...byWhy.values()].flatMap(([first, ...rest]) => (first ? [{ ...first, tickets: rest.length + 1 }] : []));
}
