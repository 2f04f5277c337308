import { expect, test } from 'vitest';
import { createLogger } from '../log.ts';
import { eventually, randomPrefix, silentLog, startRedisServer } from '../testing/index.ts';
import { connectRedis, pingRedis, readInstallation, readServers } from './index.ts';

const FAST = ['--repl-diskless-sync-delay', '0'];

/** A master with one replica, which a test may take away. */
async function pair() {
  const master = await startRedisServer(FAST);
  const replica = await startRedisServer([...FAST, '--replicaof', '127.0.0.1', String(master.port)]);
  const connect = (patience: 'wait' | 'fail', wait_replicas = 1) =>
    connectRedis({ url: master.url, prefix: randomPrefix(), patience, wait_replicas }, silentLog);
  return {
    master,
    replica,
    connect,
    async [Symbol.asyncDispose]() {
      await Promise.all([replica.kill(), master.kill()]);
    },
  };
}

test('what was written counts when a replica has it, and waits for one that is away', async () => {
  await using servers = await pair();
  await using redis = await servers.connect('wait');
  const { client, keys, replicas } = redis;
  const write = () => client.incr(keys.clock);
  expect(await replicas.kept(write)).toBe(1);

  await servers.replica.kill();
  let isKept = false;
  const keeping = replicas.kept(write).then(() => {
    isKept = true;
  });
  await eventually(() => client.get(keys.clock)).toBe('2'); // the master has it, and answers others
  await expect(client.wait(1, 100)).resolves.toBe(0);
  expect(isKept).toBe(false);
  await servers.replica.start();
  await keeping;
  expect(await client.get(keys.clock), 'written once').toBe('2');
});

test('a person who waits for replicas is told after a moment', async () => {
  await using servers = await pair();
  await using redis = await servers.connect('fail');
  const { client, keys, replicas } = redis;
  const installation = await readInstallation(redis);
  await servers.replica.kill();
  expect(await readInstallation(redis), 'a service starts meanwhile').toBe(installation);
  const mark = replicas.mark();
  await client.incr(keys.clock);
  const why = '0 of 1 replicas (redis.wait_replicas) have what was decided';
  await expect(replicas.keep(mark)).rejects.toMatchObject({ code: 'REDIS_NOT_REPLICATED', details: { why } });
});

test('what was written over a connection that is gone may be lost, whatever the next one says', async () => {
  await using servers = await pair();
  await using redis = await servers.connect('wait');
  const { client, keys, replicas } = redis;
  const mark = replicas.mark();
  await client.incr(keys.clock);
  await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'no').catch(() => undefined);
  await eventually(() => pingRedis(redis)).toBe('PONG');
  expect(await replicas.keep(mark)).toBe(false);
  expect(await replicas.keepRead()).toBe(true);
});

test('without replicas to wait for nothing is asked', async () => {
  await using server = await startRedisServer();
  const log = createLogger('test', 'silent');
  await using redis = await connectRedis({ url: server.url, prefix: randomPrefix(), patience: 'wait' }, log);
  expect(await redis.replicas.keep(redis.replicas.mark())).toBe(true);
  expect(await redis.client.exists(redis.keys.kept)).toBe(0);
});

test('masters and replicas are looked at, and who is away is named', async () => {
  await using servers = await pair();
  await using redis = await servers.connect('fail', 0);
  const look = async () => (await readServers(redis)).map(({ role, address, replicas }) => [role, address, replicas]);
  const [master, replica] = [`127.0.0.1:${servers.master.port}`, `127.0.0.1:${servers.replica.port}`];
  await eventually(look).toEqual([
    ['master', master, 1],
    ['replica', replica, 0],
  ]);
  await servers.replica.kill();
  await eventually(look).toEqual([['master', master, 0]]);
});
