import type { Redis } from 'ioredis';

/** What a sentinel says of the master, and of whom it could make master instead. */
export interface SentinelView {
  /** Grows with every failover; whoever has the highest knows best. */
  readonly configEpoch: number;
  /** `host:port`, as clients would be told. */
  readonly master: string;
  /** The replicas that could be it next, `host:port`. */
  readonly candidates: readonly string[];
}

/**
 * Asks one sentinel.
 *
 * @throws Error when it does not answer, or does not know the master
 */
export async function readSentinelView(sentinel: Redis, name: string): Promise<SentinelView> {
  const [address, master, replicas] = await Promise.all([
    sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name),
    sentinel.call('SENTINEL', 'MASTER', name),
    sentinel.call('SENTINEL', 'REPLICAS', name),
  ]);
  const [host, port] = listOf(address);
  if (host === undefined || port === undefined) throw new Error(`the sentinel knows no master ${name}`);
  return {
    configEpoch: Number(fieldsOf(master).get('config-epoch') ?? 0),
    // in the middle of a failover this one is ahead of the fields
    master: placeOf(host, port),
    candidates: listOf(replicas)
      .map(fieldsOf)
      .filter(isCandidate)
      .map((replica) => placeOf(replica.get('ip'), replica.get('port'))),
  };
}

/**
 * Whoever is not known to be down: also one that is still being filled, since it is chosen when there is no other, and
 * one that says that it is a master itself. Sentinels may replace a master that they have just made, and lead two
 * failovers at once; of two masters the later one stays.
 */
function isCandidate(replica: ReadonlyMap<string, unknown>): boolean {
  const flags = String(replica.get('flags')).split(',');
  if (flags.includes('s_down') || flags.includes('o_down')) return false;
  return replica.get('role-reported') !== 'slave' || Number(replica.get('slave-priority')) !== 0;
}

const listOf = (answer: unknown): readonly unknown[] => (Array.isArray(answer) ? answer : []);

/** `[name, value, name, value, …]` */
function fieldsOf(answer: unknown): ReadonlyMap<string, unknown> {
  const flat = listOf(answer);
  return new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[String(name), flat[at + 1]] as const] : [])));
}

const placeOf = (host: unknown, port: unknown): string => `${String(host)}:${String(port)}`;

/**
 * What they say together. A replica counts if any of those that know the latest failover could choose it: each of them
 * may be the one that leads the next.
 */
export function agreed(views: readonly SentinelView[]): Omit<SentinelView, 'configEpoch'> | undefined {
  const newest = views.toSorted((a, b) => b.configEpoch - a.configEpoch)[0];
  if (!newest) return undefined;
  const { master } = newest;
  const current = views.filter((view) => view.master === master);
  return { master, candidates: [...new Set(current.flatMap(({ candidates }) => candidates))].sort() };
}
