import { Redis } from 'ioredis';
import { messageOf } from '../errors.ts';
import type { ServerOptions } from './client.ts';
import { readSentinelView } from './sentinel-views.ts';
import { addressOf, DEFAULT_MASTER, type RedisSettings, tlsOf } from './target.ts';

/** What a sentinel says of whether it and the others could choose another master. */
export interface SentinelFacts {
  readonly address: string;
  /** `OK …` or `NOQUORUM …`; null when it does not answer us. */
  readonly quorum: string | null;
  /** Why it does not, or does not say who could become master. */
  readonly why?: string;
}

const CONNECT_MS = 2_000;

/** Every sentinel of the configuration; none without any. */
export const readSentinels = (settings: RedisSettings): Promise<SentinelFacts[]> =>
  Promise.all((settings.sentinels ?? []).map((address) => askQuorum(settings, address)));

/** A connection to one sentinel. It has to be given an `error` listener. */
export function sentinelClient(settings: RedisSettings, address: string, more: ServerOptions): Redis {
  const { sentinel_username: username, sentinel_password: password } = settings;
  const tls = tlsOf(settings);
  const secured = tls ? { tls } : {};
  return new Redis({ ...addressOf(address), ...secured, username, password, connectTimeout: CONNECT_MS, ...more });
}

async function askQuorum(settings: RedisSettings, address: string): Promise<SentinelFacts> {
  const { sentinel_master = DEFAULT_MASTER } = settings;
  const once = { lazyConnect: true, commandTimeout: CONNECT_MS, retryStrategy: () => null };
  const sentinel = sentinelClient(settings, address, once);
  let why = 'no answer';
  sentinel.on('error', (err) => {
    why = messageOf(err);
  });
  try {
    await sentinel.connect();
    const quorum = String(await sentinel.call('SENTINEL', 'CKQUORUM', sentinel_master).catch(messageOf));
    const silence = await readSentinelView(sentinel, sentinel_master).then(() => undefined, messageOf);
    return silence === undefined ? { address, quorum } : { address, quorum, why: silence };
  } catch {
    return { address, quorum: null, why };
  } finally {
    sentinel.disconnect();
  }
}
