import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Cluster, Command, type Redis } from 'ioredis';
import { coalesced } from '../coalesced.ts';
import type { Logger } from '../log.ts';
import { pause, SECOND_MS } from '../time.ts';
import { isCluster, type RedisClient } from './client.ts';
import { replicasIn } from './replication.ts';
import { agreed, readSentinelView } from './sentinel-views.ts';
import { sentinelClient } from './sentinels.ts';
import { addressOf, DEFAULT_MASTER, type RedisSettings } from './target.ts';

/**
 * The replicas that could be made master in place of ours. Whoever replaces it must have what counts, so that it does
 * not matter which of them that is, nor whether our master is dead or only hung and goes on to take commits.
 */
export interface Candidates extends Disposable {
  /** How many they are, as of a second or so ago; infinitely many when our master is none any more. */
  count(): number;
  /** Whether those are all of them that follow a master, by what it says of its replicas (`INFO replication`). */
  areAmong(replication: string): Promise<boolean>;
  /** Looks anew. */
  look(): Promise<void>;
}

/** @param key any key whose master is meant */
export function watchCandidates(client: RedisClient, key: string, settings: RedisSettings, log: Logger): Candidates {
  if (isCluster(client)) return ofCluster(client, key);
  if (settings.sentinels) return ofSentinels(client, settings, log);
  return { count: () => 0, areAmong: async () => true, look: async () => undefined, [Symbol.dispose]: () => undefined };
}

const LOOK_MS = SECOND_MS;
const ANSWER_MS = 500;

/** A cluster tells its clients of no replica that has failed or is still empty. */
function ofCluster(cluster: Cluster, key: string): Candidates {
  const slot = new Command('exists', [key]).getSlot();
  return {
    count: () => Math.max(0, (cluster.slots[slot]?.length ?? 0) - 1),
    // its nodes may have other addresses for clients than for each other
    areAmong: async () => true,
    look: () => {
      const told = new Promise<void>((resolve) => cluster.refreshSlotsCache(() => resolve()));
      return Promise.race([told, pause(ANSWER_MS)]); // the node that is asked may hang
    },
    [Symbol.dispose]: () => undefined,
  };
}

function ofSentinels(client: Redis, settings: RedisSettings, log: Logger): Candidates {
  const name = settings.sentinel_master ?? DEFAULT_MASTER;
  const sentinels = (settings.sentinels ?? []).map((address) => {
    const retryStrategy = (times: number) => Math.min(times * 100, SECOND_MS);
    const sentinel = sentinelClient(settings, address, { commandTimeout: ANSWER_MS, retryStrategy });
    sentinel.on('error', () => undefined); // one that is away is told by `npm run doctor`
    return sentinel;
  });
  const stop = new AbortController();
  /** What was said last: sentinels that are all away choose no master either. */
  let known: { readonly masters: readonly string[]; readonly candidates: readonly string[] } | undefined;
  const isDeposed = (): boolean => {
    const here = remoteOf(client);
    return here !== undefined && known !== undefined && !known.masters.includes(here);
  };
  const look = coalesced(async () => {
    const connected = sentinels.filter(({ status }) => status === 'ready');
    const asked = connected.length > 0 ? connected : sentinels;
    const answers = await Promise.allSettled(asked.map((sentinel) => readSentinelView(sentinel, name)));
    const said = agreed(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])));
    const masters = said && (await placesOf(said.master));
    if (!masters || masters.length === 0 || stop.signal.aborted) return;
    known = { masters, candidates: said.candidates };
    // it may not know yet, and another one may still follow it: what it takes now is lost
    if (!isDeposed() || client.status !== 'ready') return;
    log.warn({ master: said.master }, 'the sentinels name another master of redis, connecting to it');
    client.disconnect(true);
  });
  const lookNow = () => void look();
  client.on('ready', lookNow);
  void (async () => {
    for (; !stop.signal.aborted; await pause(LOOK_MS, stop.signal)) await look();
  })();
  return {
    count: () => (isDeposed() ? Number.POSITIVE_INFINITY : (known?.candidates.length ?? 0)),
    async areAmong(replication) {
      const following = new Set((await Promise.all(replicasIn(replication).map(placesOf))).flat());
      const wanted = await Promise.all((known?.candidates ?? []).map(placesOf));
      return wanted.every((places) => places.some((place) => following.has(place)));
    },
    look,
    [Symbol.dispose]() {
      stop.abort();
      client.off('ready', lookNow);
      for (const sentinel of sentinels) sentinel.disconnect();
    },
  };
}

/** The other end of a connection, as `host:port`. */
function remoteOf({ stream }: Redis): string | undefined {
  if (!stream || !('remotePort' in stream) || stream.remoteAddress === undefined) return undefined;
  return `${stream.remoteAddress.replace(/^::ffff:/, '')}:${stream.remotePort}`;
}

/** Servers may be told to give names. */
async function placesOf(place: string): Promise<string[]> {
  const { host, port } = addressOf(place);
  if (isIP(host) !== 0) return [`${host}:${port}`];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => `${address}:${port}`);
}
