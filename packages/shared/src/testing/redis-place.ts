import { Redis } from 'ioredis';
import type { RedisSettings } from '../redis/index.ts';
import { pause } from '../time.ts';
import type { RedisServer } from './redis-server.ts';

/** Redis on more than one server, each of which a test may kill. */
export interface RedisPlace extends AsyncDisposable {
  /** As the configuration names it, without the prefix. */
  readonly settings: Omit<RedisSettings, 'prefix'>;
  readonly servers: readonly RedisServer[];
  /** SIGKILL for the master that has the key; resolves when another one has taken over. */
  killMaster(key: string): Promise<void>;
  /**
   * Lets the master that has the key hang until another one was made, and then go on at once; resolves when it follows.
   * That is what a host looks like which was busy, or asleep, for a moment too long.
   */
  stallMaster(key: string): Promise<void>;
  /** Starts what was killed; resolves when it follows its new master. */
  revive(): Promise<void>;
}

export const PASSWORD = 'of-the-servers';
const PATIENCE_MS = 60_000;
const LOOK_MS = 25;

/** What every server of a place is started with; it keeps its data in that folder. */
export const serverOptions = (dir: string): string[] => [
  ...[
    '--dir',
    dir,
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--requirepass',
    PASSWORD,
    '--masterauth',
    PASSWORD,
  ],
  ...['--repl-diskless-sync-delay', '0'],
];

/** Asks one server one thing; undefined when it is away. */
export async function ask<Value>(
  port: number,
  question: (server: Redis) => Promise<Value>,
  password = PASSWORD,
): Promise<Value | undefined> {
  const server = new Redis({ port, password, host: '127.0.0.1', retryStrategy: () => null, maxRetriesPerRequest: 0 });
  server.on('error', () => undefined); // told by the missing answer
  try {
    return await question(server);
  } catch {
    return undefined;
  } finally {
    server.disconnect();
  }
}

/** Waits for a state of servers; used where no test runs yet. */
export async function untilTrue(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !(await isSo()); await pause(LOOK_MS))
    if (performance.now() > end) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
}

/** Whether a server is a replica that has all its master had when it began to follow. */
export async function isFollowing(port: number): Promise<boolean> {
  const info = (await ask(port, (server) => server.info('replication'))) ?? '';
  return info.includes('role:slave') && info.includes('master_link_status:up');
}

export const isMaster = async (port: number): Promise<boolean> =>
  ((await ask(port, (server) => server.info('replication'))) ?? '').includes('role:master');

/** Stops the process of a server until that has come true. */
export async function stallUntil(port: number, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const pid = Number(/process_id:(\d+)/.exec((await ask(port, (server) => server.info('server'))) ?? '')?.[1]);
  if (!(pid > 0)) throw new Error(`the server at port ${port} does not tell its process`);
  process.kill(pid, 'SIGSTOP');
  try {
    await untilTrue(what, isSo);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}
