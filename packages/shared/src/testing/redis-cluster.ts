import { mkdir, mkdtemp, rm } from 'node:fs/promises';
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
import { type RedisServer, startRedisServer } from './redis-server.ts';

const MASTERS = 3;
const SLOTS = 16_384;

/** A cluster of three masters with so many replicas each. */
export async function startClusterPlace(replicas = 1): Promise<RedisPlace> {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'pco-cluster-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const servers: RedisServer[] = [];
  const bus = new Map<RedisServer, number>();
  for (let i = 0; i < (1 + replicas) * MASTERS; i += 1) {
    const own = join(dir, String(i));
    await mkdir(own);
    const busPort = await freePort();
    const server = stack.use(await startRedisServer([...serverOptions(own), ...clusterOptions(busPort)]));
    servers.push(server);
    bus.set(server, busPort);
  }
  await introduce(servers, bus);
  const ports = () => servers.map(({ port }) => port);
  const masterOf = async (key: string, except?: number): Promise<number | undefined> => {
    for (const port of ports().filter((one) => one !== except)) {
      const found = await ask(port, (server) => whoHas(server, key));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const isReplaced = async (key: string, port: number | undefined): Promise<boolean> => {
    const next = await masterOf(key, port);
    return next !== undefined && next !== port && (await isMaster(next));
  };
  const wholeAgain = () =>
    untilTrue('the cluster is whole', async () => (await Promise.all(ports().map(isWhole))).every(Boolean));
  let killed: RedisServer | undefined;
  const moved = stack.move();
  return {
    servers,
    settings: { cluster: servers.slice(0, MASTERS).map(({ port }) => `127.0.0.1:${port}`), password: PASSWORD },
    async killMaster(key) {
      const port = await masterOf(key);
      killed = servers.find((server) => server.port === port);
      await killed?.kill();
      await untilTrue('another node has its keys', () => isReplaced(key, port));
    },
    async revive() {
      const back = killed;
      await back?.start();
      await untilTrue('it follows', () => isFollowing(back?.port ?? 0));
      await wholeAgain();
    },
    async stallMaster(key) {
      const port = (await masterOf(key)) ?? 0;
      await stallUntil(port, 'another node has its keys', () => isReplaced(key, port));
      await untilTrue('it follows', () => isFollowing(port));
      await wholeAgain();
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

const clusterOptions = (busPort: number): string[] => [
  ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-port', String(busPort)],
  ...['--cluster-node-timeout', '1500'],
];

type Server = Parameters<Parameters<typeof ask>[1]>[0];

async function whoHas(server: Server, key: string): Promise<number | undefined> {
  const slot = await server.cluster('KEYSLOT', key);
  const ranges = await server.cluster('SLOTS');
  return ranges.find(([from, to]) => from <= slot && slot <= to)?.[2]?.[1];
}

const isWhole = async (port: number): Promise<boolean> => {
  const info = (await ask(port, (server) => server.cluster('INFO'))) ?? '';
  return info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${SLOTS}`);
};

async function introduce(servers: readonly RedisServer[], bus: ReadonlyMap<RedisServer, number>): Promise<void> {
  const [first] = servers;
  if (!first) throw new Error('there are no servers');
  const share = Math.ceil(SLOTS / MASTERS);
  for (const [i, { port }] of servers.slice(0, MASTERS).entries())
    await ask(port, (server) => server.cluster('ADDSLOTSRANGE', i * share, Math.min(SLOTS, (i + 1) * share) - 1));
  for (const server of servers.slice(1))
    await ask(first.port, (node) => node.call('CLUSTER', 'MEET', '127.0.0.1', server.port, bus.get(server) ?? 0));
  const ids = await Promise.all(servers.map(({ port }) => ask(port, (server) => server.cluster('MYID'))));
  const knowsAll = async ({ port }: RedisServer) => {
    const nodes = String(await ask(port, (server) => server.cluster('NODES')));
    return ids.every((id) => id !== undefined && nodes.includes(id)) && !nodes.includes('handshake');
  };
  await untilTrue('all know each other', async () => (await Promise.all(servers.map(knowsAll))).every(Boolean));
  for (const [i, { port }] of servers.slice(MASTERS).entries())
    await ask(port, (server) => server.cluster('REPLICATE', ids[i % MASTERS] ?? ''));
  await untilTrue('the replicas follow', async () =>
    (await Promise.all(servers.slice(MASTERS).map(({ port }) => isFollowing(port)))).every(Boolean),
  );
  await untilTrue('the cluster is whole', async () =>
    (await Promise.all(servers.map(({ port }) => isWhole(port)))).every(Boolean),
  );
}
