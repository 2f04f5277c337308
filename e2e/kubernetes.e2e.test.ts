import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readConfig } from '@pco/shared/config';
import { run } from '@pco/shared/run-program';
import { freePort } from '@pco/shared/testing/free-port';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { environmentOf } from '../infra/kubernetes/source/environment.ts';
import {
  type Container,
  FOLDER,
  type Manifest,
  parseManifests,
  podOf,
  titleOf,
} from '../infra/kubernetes/source/manifest.ts';
import { violationsOf } from '../infra/kubernetes/source/policy.ts';
import { createValidator } from '../infra/kubernetes/source/validate.ts';
import { findKubectl } from './support/kubernetes/find-kubectl.ts';
import { makeRepository } from './support/repository.ts';

const KUBECTL = findKubectl() ?? '';
const ROOT = resolve(import.meta.dirname, '..');
const PAGE = readFileSync(join(ROOT, 'docs/kubernetes.md'), 'utf8');
const faultsOf = createValidator();

/** @throws Error with what kubectl says */
async function render(folder: string): Promise<Manifest[]> {
  const { ok, stdout, output } = await run(KUBECTL, ['kustomize', folder], { timeoutMs: 60_000 });
  if (!ok) throw new Error(output);
  return parseManifests(stdout);
}

const judge = (manifests: readonly Manifest[]): string[] =>
  manifests.flatMap((manifest) => [...faultsOf(manifest), ...violationsOf(manifest)]);

const find = (manifests: readonly Manifest[], title: string): Manifest => {
  const found = manifests.find((manifest) => titleOf(manifest) === title);
  if (!found) throw new Error(`there is no ${title}`);
  return found;
};

/** The block of the page after a line that says which file it is. */
function block(language: string, begins: string): string {
  const blocks = [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  );
  const found = blocks.find((text) => text.startsWith(begins));
  if (found === undefined) throw new Error(`the page has no block that begins with ${begins}`);
  return found;
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pco-kubernetes-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe.skipIf(KUBECTL === '')('rendered by kubectl kustomize', () => {
  test.each(['small', 'scaled', 'external-redis'])(
    'the overlay %s fits its schemas and the policy',
    async (overlay) => {
      const manifests = await render(join(FOLDER, 'overlays', overlay));
      expect(judge(manifests)).toEqual([]);
      expect(new Set(manifests.map(titleOf)).size).toBe(manifests.length);
      const { replicas } = find(manifests, 'StatefulSet pco-runner').spec as { replicas?: number }; // judged above
      expect(replicas).toBe(overlay === 'small' ? 1 : undefined); // KEDA sets it elsewhere
      expect(manifests.some((manifest) => titleOf(manifest) === 'StatefulSet pco-redis')).toBe(
        overlay !== 'external-redis',
      );
      const referred = new Set(
        manifests
          .flatMap((manifest) => [...JSON.stringify(manifest).matchAll(/"configMap":\{"name":"([^"]+)"/g)])
          .map(([, name]) => name),
      );
      const made = manifests.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
      expect([...referred].sort()).toEqual(made.sort());
    },
  );

  test('a broken overlay does not pass, and each of its faults is named', async () => {
    const found = judge(await render(resolve(import.meta.dirname, 'support/kubernetes/broken')));
    expect(found.sort()).toEqual([
      'Deployment pco-poller: poller has no livenessProbe',
      'Deployment pco-poller: spec.replicas must be integer',
      'Deployment pco-poller: spec.template.spec.containers.0 has no field livenesProbe',
      'StatefulSet pco-runner: runs not as 10001',
      'StatefulSet pco-runner: tmux-session-service can write to its root file system',
    ]);
  });

  test('a Redis behind sentinels, with an authority of its own, is configured for every service that needs it', async () => {
    cpSync(FOLDER, join(dir, 'infra/kubernetes'), { recursive: true });
    cpSync(join(FOLDER, '../redis'), join(dir, 'infra/redis'), { recursive: true });
    mkdirSync(join(dir, 'mine'));
    const components = ['redis-nodes', 'redis-ca'].map((name) => `../infra/kubernetes/components/${name}`);
    const overlay = { kind: 'Kustomization', resources: ['../infra/kubernetes/overlays/external-redis'], components };
    writeFileSync(join(dir, 'mine/kustomization.yaml'), stringify(overlay));
    const manifests = await render(join(dir, 'mine'));
    expect(judge(manifests)).toEqual([]);
    expect(secretsOf(manifests)).toEqual(
      expect.arrayContaining(['pco-secrets redis-password', 'pco-secrets redis-ca.pem']),
    );
    expect(secretsOf(manifests)).not.toContain('pco-secrets redis-url');
    const config = join(dir, 'config.yaml');
    const own = block('yaml', 'redis:');
    writeFileSync(config, `${readFileSync(join(FOLDER, 'base/config.yaml'), 'utf8')}\n${own}`);
    const containers = manifests.flatMap((manifest) => podOf(manifest)?.containers ?? []);
    const readers = containers.filter(({ env }) => env.some(({ name }) => name === 'PCO_REDIS_PASSWORD_FILE'));
    expect(readers.map(({ name }) => name).sort()).toEqual(['api', 'plane-writer', 'poller', 'session-worker']);
    for (const container of readers) {
      const { redis } = readConfig({ env: environmentOf(container, { dir, config }), argv: [], cwd: dir });
      expect(redis, container.name).toMatchObject({
        password: '0123456789abcdef',
        sentinel_master: 'tickets',
        tls: true,
      });
    }
  });

  test('the overlay that the page tells to write is good, and has what it says', async () => {
    mkdirSync(join(dir, 'mine'));
    cpSync(FOLDER, join(dir, 'infra/kubernetes'), { recursive: true });
    cpSync(join(FOLDER, '../redis'), join(dir, 'infra/redis'), { recursive: true });
    writeFileSync(join(dir, 'mine/kustomization.yaml'), block('yaml', '# mine/kustomization.yaml'));
    for (const name of ['config.yaml', 'repositories.txt']) cpSync(join(FOLDER, 'base', name), join(dir, 'mine', name));
    const manifests = await render(join(dir, 'mine'));
    expect(judge(manifests)).toEqual([]);
    expect(JSON.stringify(find(manifests, 'Ingress pco'))).toContain('"host":"pco.acme.example"');
    const images = manifests.flatMap((manifest) => podOf(manifest)?.containers ?? []).map(({ image }) => image);
    expect(
      images.filter((image) => !image.startsWith('registry.acme.example/') && !image.startsWith('redis:')),
    ).toEqual([]);
    expect(JSON.stringify(find(manifests, 'Deployment pco-poller'))).toContain('webhook-secrets');
  });

  test('the commands of the page make every secret that is referred to, and no other', async () => {
    const script = block('sh', '# secrets').replaceAll(
      'kubectl create',
      `"${KUBECTL}" create --dry-run=client -o yaml`,
    );
    const { status, stdout, stderr } = spawnSync('bash', ['-euc', script], {
      cwd: dir,
      encoding: 'utf8',
      env: { ...process.env, PLANE_TOKEN: 'plane_api_x', ANTHROPIC_API_KEY: 'sk-ant-x' },
    });
    expect([status, stderr]).toEqual([0, '']);
    const made = parseManifests(stdout).flatMap(({ metadata, data }) =>
      Object.keys(Object(data)).map((key) => `${metadata.name} ${key}`),
    );
    const manifests = await render(join(FOLDER, 'overlays/scaled'));
    expect(made.sort()).toEqual([...secretsOf(manifests), 'pco-agent anthropic-api-key'].sort());
    const tokens = readFileSync(join(dir, 'secrets/api-tokens.yaml'), 'utf8');
    expect(tokens).toMatch(/^prometheus: \{ role: viewer, hash: "[0-9a-f]{64}" \}\n$/);
  });

  test('the Redis of the cluster starts with a password, an append-only file and no eviction', async () => {
    const manifests = await render(join(FOLDER, 'overlays/small'));
    const port = await freePort();
    const { command } = containerOf(manifests, 'StatefulSet pco-redis', 'redis');
    const config = manifests.find(({ metadata }) => metadata.name.startsWith('pco-redis-'));
    const script = inside(String(z.array(z.string()).parse(command)[2]), [
      '/etc/redis',
      '/run/secrets',
      '/data',
      '/tmp',
    ]);
    writeFileSync(join(dir, 'etc/redis/redis.conf'), String(Object(config?.data)['redis.conf']));
    writeFileSync(join(dir, 'run/secrets/redis-password'), PASSWORD);
    const started = `${script.replace('* -::*', '127.0.0.1').trimEnd()} --port ${port}`;
    const server = spawn('sh', ['-euc', started], { stdio: 'ignore' });
    const ask = (password: string, ...words: string[]): string =>
      spawnSync('redis-cli', ['-p', String(port), ...words], {
        encoding: 'utf8',
        env: { ...process.env, REDISCLI_AUTH: password },
      }).stdout;
    try {
      await expect.poll(() => ask(PASSWORD, 'ping')).toBe('PONG\n');
      expect(ask('', 'ping')).toContain('NOAUTH');
      expect(ask(PASSWORD, 'config', 'get', 'appendonly')).toContain('yes');
      expect(ask(PASSWORD, 'config', 'get', 'appendfsync')).toContain('always');
      expect(ask(PASSWORD, 'config', 'get', 'maxmemory-policy')).toContain('noeviction');
      expect(ask(PASSWORD, 'config', 'get', 'maxmemory')).toContain(String(768 * 1024 * 1024));
    } finally {
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
    }
  });

  test.each(['agent-host', 'tmux-session-service', 'session-worker'])(
    'a pod that has to go keeps its %s until the runner is empty, and one that is restarted takes that back',
    async (name) => {
      const manifests = await render(join(FOLDER, 'overlays/scaled'));
      const { lifecycle, ...container } = containerOf(manifests, 'StatefulSet pco-runner', name);
      const hooks = Lifecycle.parse(lifecycle);
      const commandOf = (hook: keyof typeof hooks) =>
        hooks[hook].exec.command.map((word) => inside(word, ['/run/pco/drain']));
      const asked = join(dir, 'run/pco/drain/asked');
      const [shell = '', ...args] = commandOf('preStop');
      const waiting = spawn(shell, args, { stdio: 'ignore' });
      const gone = once(waiting, 'exit');
      await expect.poll(() => existsSync(asked)).toBe(true);
      expect(waiting.exitCode).toBeNull();
      writeFileSync(`${asked}.done`, ''); // by the session-worker, when no slot is in use
      expect((await gone)[0]).toBe(0);
      const [program = '', ...words] = commandOf('postStart');
      expect(spawnSync(program, words).status).toBe(0);
      expect(existsSync(asked)).toBe(false);
      // a probe that fails must not wait a day for sessions that are elsewhere, or gone
      for (const probe of ['livenessProbe', 'startupProbe'])
        expect(Object(container[probe]).terminationGracePeriodSeconds, probe).toBe(30);
    },
  );
});

test('a runner brings its repositories once, whatever was interrupted, and logs in where it is told how', async () => {
  const script = join(FOLDER, 'base/prepare-runner.sh');
  const list = join(dir, 'repositories.txt');
  const repository = makeRepository(dir);
  const env = {
    PATH: process.env.PATH,
    PCO_WORK: join(dir, 'work'),
    PCO_STATE: join(dir, 'state'),
    PCO_GIT_CREDENTIALS: join(dir, 'credentials'),
  };
  const prepare = (lines: string) => {
    writeFileSync(list, lines);
    return run('sh', [script, list], { env });
  };
  mkdirSync(join(dir, 'work/repositories/acme.part/half'), { recursive: true });
  expect(await prepare(`# comment\n\nacme file://${repository}\n`)).toMatchObject({ ok: true, output: '' });
  const clone = join(dir, 'work/repositories/acme');
  expect(readFileSync(join(clone, 'README.md'), 'utf8')).toBe('# a repository for agents\n');
  writeFileSync(join(clone, 'own'), 'work'); // and what is there stays as it is, also the next time
  writeFileSync(env.PCO_GIT_CREDENTIALS, 'https://bot:secret@git.example.com\n');
  expect((await prepare(`acme file:///nowhere\n`)).ok).toBe(true);
  expect(existsSync(join(clone, 'own'))).toBe(true);
  const { stdout } = await run('git', ['config', '--global', 'credential.helper'], {
    env: { ...env, HOME: join(dir, 'state/home') },
  });
  expect(stdout).toBe(`store --file=${env.PCO_GIT_CREDENTIALS}\n`);
  expect(await prepare('../out file:///x\n')).toMatchObject({
    ok: false,
    output: expect.stringContaining('no name of a folder'),
  });
  expect(await prepare('other file:///nowhere\n')).toMatchObject({
    ok: false,
    output: expect.stringContaining('nowhere'),
  });
  expect(existsSync(join(dir, 'work/repositories/other'))).toBe(false);
});

const PASSWORD = '0123456789abcdef';
const Hook = z.object({ exec: z.object({ command: z.array(z.string()) }) });
const Lifecycle = z.object({ preStop: Hook, postStart: Hook });

const containerOf = (manifests: readonly Manifest[], title: string, name: string): Container => {
  const found = podOf(find(manifests, title))?.containers.find((container) => container.name === name);
  if (!found) throw new Error(`${title} has no container ${name}`);
  return found;
};

/** With folders of the container as folders of ours, which are made. */
function inside(text: string, folders: readonly string[]): string {
  for (const folder of folders) mkdirSync(join(dir, folder), { recursive: true });
  return text.replaceAll(new RegExp(folders.join('|'), 'g'), (folder) => join(dir, folder));
}

/** Every key of a secret that something refers to, and that it cannot do without. */
function secretsOf(manifests: readonly Manifest[]): string[] {
  const found = manifests.flatMap((manifest) => {
    const items = (podOf(manifest)?.volumes ?? []).flatMap(({ secret }) =>
      (secret?.items ?? []).map(({ key }) => `${secret?.secretName} ${key}`),
    );
    const credentials = [...JSON.stringify(manifest).matchAll(/"credentials":\{"key":"([^"]+)","name":"([^"]+)"/g)];
    return [...items, ...credentials.map(([, key, name]) => `${name} ${key}`)];
  });
  return [...new Set(found)];
}
