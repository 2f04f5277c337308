import type { Redis } from 'ioredis';

/** What a sentinel says of the master, and of whom it could make master instead. */
export interface SentinelView {
  /** Grows with every failover; whoever has the highest knows best. */
  readonly configEpoch: number;
  /** `host:port`, as clients would be told. */
  readonly master: string;
  /** The replicas that it would choose from, `host:port`. */
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
      .filter(couldBeChosen)
      .map((replica) => placeOf(replica.get('ip'), replica.get('port'))),
  };
}

/**
 * As Sentinel itself chooses (`sentinelSelectSlave`), but for one that is still being filled: it has the lowest offset of
 * all, so another one is chosen.
 */
function couldBeChosen(replica: ReadonlyMap<string, unknown>): boolean {
  const flags = String(replica.get('flags')).split(',');
  if (flags.some((flag) => flag === 's_down' || flag === 'o_down' || flag === 'disconnected')) return false;
  return replica.get('master-link-status') === 'ok' && Number(replica.get('slave-priority') ?? 100) > 0;
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
export function agreed(
  views: readonly SentinelView[],
): { readonly master: string; readonly candidates: number } | undefined {
  const newest = views.toSorted((a, b) => b.configEpoch - a.configEpoch)[0];
  if (!newest) return undefined;
  const current = views.filter(({ master }) => master === newest.master);
  return { master: newest.master, candidates: new Set(current.flatMap(({ candidates }) => candidates)).size };
}
