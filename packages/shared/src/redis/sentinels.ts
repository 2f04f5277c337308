import { Redis } from 'ioredis';
import { messageOf } from '../errors.ts';
import { addressOf, DEFAULT_MASTER, type RedisSettings, tlsOf } from './target.ts';

/** What a sentinel says of whether it and the others could choose another master. */
export interface SentinelFacts {
  readonly address: string;
  /** `OK …` or `NOQUORUM …`; null when it does not answer us. */
  readonly quorum: string | null;
  /** Why it does not. */
  readonly why?: string;
}

const CONNECT_MS = 2_000;

/** Every sentinel of the configuration; none without any. */
export const readSentinels = (settings: RedisSettings): Promise<SentinelFacts[]> =>
  Promise.all((settings.sentinels ?? []).map((address) => askQuorum(settings, address)));

async function askQuorum(settings: RedisSettings, address: string): Promise<SentinelFacts> {
  const { sentinel_master = DEFAULT_MASTER, sentinel_username: username, sentinel_password: password } = settings;
  const tls = tlsOf(settings);
  const sentinel = new Redis({
    ...{ ...addressOf(address), ...(tls ? { tls } : {}), username, password, lazyConnect: true },
    ...{ connectTimeout: CONNECT_MS, commandTimeout: CONNECT_MS, retryStrategy: () => null },
  });
  let why = 'no answer';
  sentinel.on('error', (err) => {
    why = messageOf(err);
  });
  try {
    await sentinel.connect();
    const quorum = await sentinel.call('SENTINEL', 'CKQUORUM', sentinel_master).catch(messageOf);
    return { address, quorum: String(quorum) };
  } catch {
    return { address, quorum: null, why };
  } finally {
    sentinel.disconnect();
  }
}
