import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort, randomPrefix, silentLog, startRedisServer } from '../testing/index.ts';
import { connectRedis } from './index.ts';

/** A server that takes encrypted connections only, with a certificate that it has signed itself. */
async function encrypted() {
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
  const server = await startRedisServer(['--tls-port', String(port), ...tls]);
  return { cert, url: `rediss://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('an encrypted connection is made with the authority that is named, and refused without it', async () => {
  await using server = await encrypted();
  const place = { url: server.url, prefix: randomPrefix(), patience: 'wait' as const };
  await using redis = await connectRedis({ ...place, ca_file: server.cert }, silentLog);
  expect(await redis.client.ping()).toBe('PONG');
  await expect(connectRedis({ ...place, startPatienceMs: 400 }, silentLog)).rejects.toThrow(/self.signed certificate/);
});
