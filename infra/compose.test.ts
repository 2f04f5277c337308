import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const file = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');
const Service = z.looseObject({
  image: z.string(),
  build: z.looseObject({ target: z.string() }).optional(),
  restart: z.string(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  logging: z.object({
    driver: z.literal('json-file'),
    options: z.object({ 'max-size': z.string(), 'max-file': z.string() }),
  }),
  deploy: z.object({ resources: z.object({ limits: z.looseObject({ memory: z.string() }) }) }),
  depends_on: z.record(z.string(), z.object({ condition: z.string(), required: z.boolean().optional() })).optional(),
  user: z.string().optional(),
  profiles: z.array(z.string()).optional(),
});
const Compose = z.object({
  services: z.record(z.string(), Service),
  networks: z.looseObject({}),
  volumes: z.record(z.string(), z.null()),
});
const compose = Compose.parse(parse(file('compose.yaml'), { merge: true }));
const services = Object.entries(compose.services);
const dockerfile = file('Dockerfile');
/** One-shots, which end. */
const ENDS = ['setup', 'try-out', 'backup'];

test('every container has no rights, a root that cannot be written, limits, and logs that end', () => {
  for (const [name, { restart, logging, user }] of services) {
    expect(restart, name).toBe(ENDS.includes(name) ? 'no' : 'unless-stopped');
    expect(logging.options, name).toEqual({ 'max-size': '10m', 'max-file': '3' });
    if (name !== 'setup') expect(user ?? '10001', name).not.toMatch(/^0(:|$)/);
  }
});

test('whatever may be there several times has no name of its own, and nobody is waited for who is not healthy', () => {
  for (const [name, service] of services) {
    expect(service, name).not.toHaveProperty('container_name');
    for (const [of, { condition }] of Object.entries(service.depends_on ?? {}))
      expect(condition, `${name} waits for ${of}`).toBe(
        ENDS.includes(of) ? 'service_completed_successfully' : 'service_healthy',
      );
  }
});

test('the network and the api have the names that others know', () => {
  expect(JSON.stringify(compose.networks)).toMatch(/^\{"default":\{"name":"\$\{NETWORK:-ai-workflow-network\}"\}\}$/);
  expect(compose.services.api).toMatchObject({ networks: { default: { aliases: ['plane-claude-orchestrator'] } } });
  for (const name of ['tmux-session-data', 'plane-orchestrator-data', 'redis-data', 'worktrees'])
    expect(Object.keys(compose.volumes)).toContain(name);
});

test('secrets come to services as files, and the agents have none of ours', () => {
  const text = JSON.stringify(compose.services);
  expect(text.match(/"PCO_[A-Z_]*(TOKEN|SECRET|PASSWORD|REDIS_URL)":/g)).toBeNull();
  expect(JSON.stringify(compose.services['agent-host'])).not.toContain('secrets');
});

test('every image is a target of the Dockerfile with a probe and a user, built from the lockfile alone', () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(file('../package.json')));
  expect(dockerfile.match(/PCO_VERSION=[\d.]+/g)).toEqual([`PCO_VERSION=${version}`, `PCO_VERSION=${version}`]);
  for (const [name, { build, image }] of services) {
    if (!build) continue;
    expect(image, name).toContain(`:-${version}}`);
    expect(dockerfile, name).toMatch(new RegExp(`^FROM \\S+ AS ${build.target}$`, 'm'));
  }
  expect(dockerfile.match(/^HEALTHCHECK --interval=30s --timeout=3s /gm)?.length).toBe(4); // all nodes, and three of their own
  expect(dockerfile.match(/^USER 10001:10001$/gm)).toHaveLength(3);
  expect(dockerfile.match(/npm ci --omit=dev --ignore-scripts/g)).toHaveLength(1);
  expect(dockerfile, 'what older engines cannot read').not.toMatch(/^# syntax=|<<-?['"A-Z]|--link|--mount/m);
});

/** B-222 to B-230 and what stays of the original's addresses. */
const ROUTES = [
  'location = /health {',
  'location = /orchestrator/health {',
  'location = /metrics {',
  'location = / {',
  'location = /api/transcribe {',
  'location / {',
  'location /api/ {',
  'location ~ ^/api/(sessions(/.*)?)$ {',
  'location ~ ^/api/(auth(/.*)?|me/projects)$ {',
  'location ~ ^/api/test(/|$) {',
  'location /ws/sessions/ {',
  'location /api/whisper/ {',
];
test('nginx has every route, and TLS of today only', () => {
  const nginx = file('proxy/nginx.conf');
  for (const route of ROUTES) expect(nginx).toContain(route);
  expect(nginx).toContain('ssl_protocols TLSv1.2 TLSv1.3;');
  expect(nginx).toContain("Strict-Transport-Security 'max-age=31536000' always");
});

const has = (program: string): boolean => spawnSync(program, ['-V']).error === undefined;
test.runIf(has('envsubst') && has('openssl'))(
  'the proxy makes a certificate once, and says what is wrong with its variables',
  () => {
    const dir = mkdtempSync(join(tmpdir(), 'pco-proxy-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const conf = join(dir, 'nginx.conf');
    const start = (env: Record<string, string>) =>
      spawnSync(join(import.meta.dirname, 'proxy/start'), ['--render', conf], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, TLS_DIR: dir, RESOLVER: '127.0.0.1', ...env },
      });
    const certificate = join(dir, 'selfsigned/fullchain.pem');
    expect(start({ DOMAIN: 'pco.example.com', HTTPS_PORT: '8443' })).toMatchObject({ status: 0 });
    const first = readFileSync(certificate, 'utf8');
    const words = execFileSync(
      'openssl',
      ['x509', '-in', certificate, '-noout', '-subject', '-ext', 'subjectAltName'],
      { encoding: 'utf8' },
    );
    expect(words).toMatch(/CN = pco.example.com[\s\S]*DNS:pco.example.com, DNS:localhost/);
    expect(readFileSync(conf, 'utf8')).toContain('return 301 https://$host:8443$request_uri;');
    expect(readFileSync(conf, 'utf8')).not.toMatch(/\$\{[A-Z]/);
    if (has('nginx')) expect(spawnSync('nginx', ['-t', '-e', 'stderr', '-c', conf])).toMatchObject({ status: 0 });
    expect(start({ DOMAIN: 'pco.example.com' })).toMatchObject({ status: 0 });
    expect(readFileSync(certificate, 'utf8')).toBe(first);
    start({ DOMAIN: 'other.example.com' });
    expect(readFileSync(certificate, 'utf8')).not.toBe(first);
    const at = (env: Record<string, string>) => {
      expect(start(env).status).toBe(0);
      return readFileSync(conf, 'utf8');
    };
    expect(at({})).toMatch(/map '' \$whisper \{\s*default '';/); // so that /api/whisper/ is 404
    expect(at({ WHISPER_URL: 'https://whisper.example:8000' })).toContain('proxy_pass https://$whisper;');
    expect(at({})).toContain('proxy_pass http://$sessions/api/$1$is_args$args;');
    expect(at({ TERMINALS_UPSTREAM: 'host:5001' })).toContain('proxy_pass http://$sessions/$1$is_args$args;');
    expect(start({ DOMAIN: 'a b' }).stderr).toContain('DOMAIN: not a host name');
    expect(start({ SSL_TYPE: 'none' }).stderr).toContain('SSL_TYPE: selfsigned, letsencrypt or own, not none');
    expect(start({ SSL_TYPE: 'own' }).stderr).toContain('cannot be read');
    for (const name of ['fullchain.pem', 'privkey.pem'])
      writeFileSync(join(dir, name), readFileSync(join(dir, 'selfsigned', name)));
    const own = { SSL_TYPE: 'own', TLS_CERTIFICATE: join(dir, 'fullchain.pem'), TLS_KEY: join(dir, 'privkey.pem') };
    expect(start(own)).toMatchObject({ status: 0 });
    expect(readFileSync(conf, 'utf8')).toContain(`ssl_certificate ${dir}/fullchain.pem;`);
  },
);

test('a probe is content with 200 alone, and says what it was told', async () => {
  const server = createServer(({ url, headers: { host } }, response) => {
    response.writeHead(url === '/readyz' ? 200 : 503).end(`${url} of ${host}`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on a port
  const probe = async (url: string) => {
    const env = { PATH: process.env.PATH, PCO_HEALTH_URL: url };
    const ran = promisify(execFile)(join(import.meta.dirname, 'docker/is-healthy'), { env });
    return ran.then(({ stdout }) => ({ code: 0, stdout })).catch(({ code, stdout }) => ({ code, stdout }));
  };
  const at = `http://127.0.0.1:${port}`;
  expect(await probe(`${at}/readyz`)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`/readyz of 127.0.0.1:${port}`),
  });
  expect(await probe(`${at}/health`)).toMatchObject({ code: 1, stdout: expect.stringContaining('503') });
  expect(await probe('http://127.0.0.1:1/readyz')).toMatchObject({ code: 1 });
  expect(await probe('')).toMatchObject({ code: 1, stdout: expect.stringContaining('PCO_HEALTH_URL must be') });
});

test('rebuild-stack.sh builds before it stops, takes services, and refuses what it does not know', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pco-rebuild-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const called = join(dir, 'called');
  const docker =
    '#!/bin/sh\necho "$*" >> "$CALLED"\n[ "$2 $3" != "config --services" ] || printf "api\\npoller\\nplane-writer\\nsession-worker\\n"\n';
  writeFileSync(join(dir, 'docker'), docker, { mode: 0o755 });
  const rebuild = (script: string, ...args: string[]) => {
    rmSync(called, { force: true });
    const env = { PATH: `${dir}:${process.env.PATH}`, CALLED: called, HTTPS_PORT: '8443' };
    const ran = spawnSync(join(import.meta.dirname, '../scripts', script), args, { encoding: 'utf8', env });
    const calls = existsSync(called) ? readFileSync(called, 'utf8').trim().split('\n') : [];
    return { ...ran, calls: calls.filter((call) => call !== 'compose config --services') };
  };
  expect(rebuild('rebuild-stack.sh', 'api').calls).toEqual([
    'compose build api',
    'compose stop api',
    'compose up --detach --no-build --wait api',
    'compose ps',
  ]);
  expect(rebuild('rebuild-stack.sh', '-n').calls[0]).toBe('compose stop');
  expect(rebuild('rebuild-stack.sh').stdout).toContain('https://localhost:8443/orchestrator/health');
  expect(rebuild('rebuild-stack.sh', '--log').stderr).toContain('unknown option --log');
  expect(rebuild('rebuild-stack.sh', 'grafna')).toMatchObject({ status: 2, calls: [] });
  expect(rebuild('rebuild-stack.sh', '--help')).toMatchObject({ status: 0, calls: [] });
  const followed = rebuild('rebuild-plane-stack.sh');
  expect(followed.calls.at(-1)).toBe('compose logs --follow --tail 50 api poller plane-writer session-worker');
  expect(followed.calls[0]).toBe('compose build api poller plane-writer session-worker');
});
