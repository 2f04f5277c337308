import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import {
  ask,
  isFollowing,
  isMaster,
  PASSWORD,
  type RedisPlace,
  serverOptions,
  stallUntil,
  untilTrue,
} from './redis-place.ts';
import { type RedisServer, startRedisServer, startSentinelServer } from './redis-server.ts';

const MASTER = 'tickets';
const SENTINEL_PASSWORD = 'of-the-sentinels';
const QUORUM = 2;

export interface SentinelPlace extends RedisPlace {
  /** SIGKILL for one of the replicas. */
  killReplica(): Promise<void>;
}

/** A master, two replicas and three sentinels that watch them. */
export async function startSentinelPlace(): Promise<SentinelPlace> {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'pco-sentinel-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const servers: RedisServer[] = [];
  for (const name of ['a', 'b', 'c']) {
    await mkdir(join(dir, name));
    const server = stack.use(await startRedisServer(serverOptions(join(dir, name))));
    await server.kill();
    await server.start(...(servers[0] ? ['--replicaof', '127.0.0.1', String(servers[0].port)] : []));
    servers.push(server);
  }
  const [first, ...rest] = servers;
  await untilTrue('the replicas follow', async () =>
    (await Promise.all(rest.map(({ port }) => isFollowing(port)))).every(Boolean),
  );
  const sentinels: number[] = [];
  for (const name of ['x', 'y', 'z']) {
    const port = await freePort();
    await mkdir(join(dir, name));
    const file = join(dir, name, 'sentinel.conf');
    await writeFile(file, sentinelFile(port, join(dir, name), first?.port ?? 0));
    stack.use(await startSentinelServer(file, port));
    sentinels.push(port);
  }
  const field = async (port: number, name: string): Promise<string | undefined> => {
    const told = await ask(port, (sentinel) => sentinel.call('SENTINEL', 'MASTER', MASTER), SENTINEL_PASSWORD);
    const flat = Array.isArray(told) ? told.map(String) : [];
    return flat[flat.indexOf(name) + 1];
  };
  const all = async (name: string, wanted: string) =>
    (await Promise.all(sentinels.map((port) => field(port, name)))).every((found) => found === wanted);
  const knowsAll = async () => (await all('num-slaves', '2')) && (await all('num-other-sentinels', '2'));
  await untilTrue('the sentinels know everybody', knowsAll);
  const masterNow = async () => Number(await field(sentinels[0] ?? 0, 'port'));
  let killed: RedisServer | undefined;
  const moved = stack.move();
  return {
    servers,
    settings: {
      sentinels: sentinels.map((port) => `127.0.0.1:${port}`),
      sentinel_master: MASTER,
      sentinel_password: SENTINEL_PASSWORD,
      password: PASSWORD,
    },
    async killMaster() {
      const port = await masterNow();
      killed = servers.find((server) => server.port === port);
      await killed?.kill();
      await untilTrue('every sentinel names another master', async () => {
        const named = await Promise.all(sentinels.map((sentinel) => field(sentinel, 'port')));
        return named.every((one) => one !== undefined && one === named[0] && one !== String(port));
      });
    },
    async killReplica() {
      const port = await masterNow();
      killed = servers.find((server) => server.port !== port);
      await killed?.kill();
    },
    async stallMaster() {
      const port = await masterNow();
      const others = servers.filter((server) => server.port !== port);
      await stallUntil(port, 'a replica was made master', async () =>
        (await Promise.all(others.map((other) => isMaster(other.port)))).some(Boolean),
      );
      await untilTrue('it follows', () => isFollowing(port));
      await untilTrue('the sentinels know everybody again', knowsAll);
    },
    async revive() {
      const port = await field(sentinels[0] ?? 0, 'port');
      const back = killed;
      await back?.start('--replicaof', '127.0.0.1', port ?? '');
      await untilTrue('it follows', () => isFollowing(back?.port ?? 0));
      await untilTrue('the sentinels know everybody again', knowsAll);
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** So impatient that they now and then replace a master that lives, even one that they have just made: that must lose nothing either. */
const DOWN_AFTER_MS = 1_000;

const sentinelFile = (port: number, dir: string, master: number): string =>
  [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${dir}`,
    `requirepass ${SENTINEL_PASSWORD}`,
    `sentinel sentinel-pass ${SENTINEL_PASSWORD}`,
    `sentinel monitor ${MASTER} 127.0.0.1 ${master} ${QUORUM}`,
    `sentinel auth-pass ${MASTER} ${PASSWORD}`,
    `sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER} 3000`,
    `sentinel parallel-syncs ${MASTER} 2`,
    '',
  ].join('\n');
