import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RunnerQueue } from '../contracts/index.ts';
import { createQueueMetrics, Registry } from '../metrics.ts';
import { createConsumer, createQueues } from '../queue/index.ts';
import { eventually, freePort, payload, QUEUE, randomPrefix, silentLog, startRedisServer } from '../testing/index.ts';
import { connectRedis } from './index.ts';

/** Skipped where there is no openssl, as on a bare machine. */
const canSign = spawnSync('openssl', ['version']).status === 0;

/** A server that takes encrypted connections only, with a certificate that it has signed itself. */
async function encrypted(...more: readonly string[]) {
  const dir = mkdtempSync(join(tmpdir(), 'pco-tls-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const subject = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ]);
  expect(made.status, String(made.stderr)).toBe(0);
  const port = await freePort();
  const tls = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert, '--tls-auth-clients', 'no'];
  const server = await startRedisServer(['--tls-port', String(port), ...tls, '--dir', dir, ...more]);
  return { cert, port, url: `rediss://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test.runIf(canSign)(
  'an encrypted connection is made with the authority that is named, and refused without it',
  async () => {
    await using server = await encrypted();
    const place = { url: server.url, prefix: randomPrefix(), patience: 'wait' as const };
    await using redis = await connectRedis({ ...place, ca_file: server.cert }, silentLog);
    expect(await redis.client.ping()).toBe('PONG');
    await expect(connectRedis({ ...place, startPatienceMs: 400 }, silentLog)).rejects.toThrow(
      /self.signed certificate/,
    );
  },
);

test.runIf(canSign)('a worker waits for the jobs of an encrypted cluster over an encrypted connection', async () => {
  const isCluster = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'];
  await using server = await encrypted(...isCluster, '--cluster-announce-ip', '127.0.0.1', '--tls-cluster', 'yes');
  const { cert: ca_file, url, port } = server;
  const common = { prefix: randomPrefix(), patience: 'wait' as const, ca_file, wait_replicas: 0 };
  await using node = await connectRedis({ ...common, url }, silentLog);
  await node.client.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  await eventually(() => node.client.call('CLUSTER', 'INFO')).toContain('cluster_state:ok');
  await using redis = await connectRedis({ ...common, cluster: [`127.0.0.1:${port}`], tls: true }, silentLog);
  await using queues = createQueues(redis);
  const done: string[] = [];
  await using _consumer = createConsumer({
    ...{ contract: RunnerQueue, queue: QUEUE, concurrency: 1, redis, log: silentLog },
    ...{ timing: { lockDurationMs: 5_000, stalledIntervalMs: 5_000 }, metrics: createQueueMetrics(new Registry()) },
    handle: async ({ effectId }) => void done.push(effectId),
  });
  // its connection blocks
  await eventually(() => node.client.client('LIST')).toContain('cmd=bzpopmin');
  await queues.add(QUEUE, 'session.start', payload('ACME-16-v1-1'), { jobId: 'ACME-16-v1-1' });
  await eventually(() => done).toEqual(['ACME-16-v1-1']);
});
