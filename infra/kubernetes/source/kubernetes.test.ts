import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readConfig } from '@pco/shared/config';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig as readTerminalConfig } from '../../../apps/tmux-session-service/src/config.ts';
import { metricNames } from '../../grafana/source/metric-names.ts';
import { environmentOf } from './environment.ts';
import { imageOf } from './image.ts';
import { FOLDER, type Manifest, podOf, readManifests, titleOf } from './manifest.ts';
import { violationsOf } from './policy.ts';
import { RULES_FILE, renderRules } from './rules.ts';
import { createValidator } from './validate.ts';

const ROOT = resolve(FOLDER, '../..');
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');
const manifests = readManifests(FOLDER);
const containers = manifests.flatMap((manifest) => {
  const pod = podOf(manifest);
  return pod ? [...pod.initContainers, ...pod.containers].map((container) => ({ manifest, container })) : [];
});
const faultsOf = createValidator();

const find = (title: string): Manifest => {
  const found = manifests.find((manifest) => titleOf(manifest) === title);
  if (!found) throw new Error(`there is no ${title}`);
  return structuredClone(found);
};

test('every manifest fits the schema of its kind', () => {
  expect(manifests.length).toBeGreaterThan(30);
  expect(manifests.flatMap(faultsOf)).toEqual([]);
});

test('no container runs as root, can write to its root file system or get more rights, and none lacks probes or limits', () => {
  expect(containers.map(({ container }) => container.name).sort()).toEqual(
    [
      ...['api', 'poller', 'plane-writer', 'redis'],
      ...['prepare', 'agent-host', 'tmux-session-service', 'session-worker'],
    ].sort(),
  );
  expect(manifests.flatMap(violationsOf)).toEqual([]);
});

test.each<[what: string, change: (pod: Pod) => void, said: string]>([
  ['a pod that may be root', (pod) => delete pod.securityContext.runAsNonRoot, 'runs not as 10001'],
  ['root for all', (pod) => Object.assign(pod.securityContext, { runAsUser: 0 }), 'runs not as 10001'],
  ['root in one', (pod) => Object.assign(first(pod).securityContext, { runAsUser: 0 }), 'runs as another user'],
  ['a root file system', (pod) => delete first(pod).securityContext.readOnlyRootFilesystem, 'write to its root file'],
  ['more rights', (pod) => delete first(pod).securityContext.allowPrivilegeEscalation, 'can get more rights'],
  ['privilege', (pod) => Object.assign(first(pod).securityContext, { privileged: true }), 'can get more rights'],
  ['capabilities', (pod) => delete first(pod).securityContext.capabilities, 'keeps capabilities'],
  [
    'a capability that is added',
    (pod) => Object.assign(first(pod).securityContext, { capabilities: { drop: ['ALL'], add: ['SYS_PTRACE'] } }),
    'keeps capabilities',
  ],
  ['no seccomp profile', (pod) => delete pod.securityContext.seccompProfile, 'seccomp'],
  ['a token', (pod) => delete pod.automountServiceAccountToken, 'token of the Kubernetes API'],
  ['shared processes', (pod) => Object.assign(pod, { shareProcessNamespace: true }), 'shareProcessNamespace is on'],
  ['a folder of the node', (pod) => pod.volumes.push({ name: 'x', hostPath: { path: '/' } }), 'folder of the node'],
  ['no probe', (pod) => delete first(pod).livenessProbe, 'has no livenessProbe'],
  ['no limits', (pod) => delete first(pod).resources, 'has no limit'],
  [
    'the latest image',
    (pod) => Object.assign(first(pod), { image: 'x/plane-claude-orchestrator/api:latest' }),
    'image',
  ],
  ['somebody else’s image', (pod) => Object.assign(first(pod), { image: 'busybox:1.37' }), 'no image of ours'],
  [
    'a secret in the open',
    (pod) => first(pod).env.push({ name: 'PCO_API_TOKEN', value: 'x' }),
    'PCO_API_TOKEN stands in the open',
  ],
  [
    'a secret that nobody mounts',
    (pod) => first(pod).env.push({ name: 'PCO_X_FILE', value: '/run/secrets/x' }),
    'names no file that is mounted',
  ],
])('the policy finds %s', (_what, change, said) => {
  const manifest = find('Deployment pco-api');
  change((manifest as unknown as { spec: { template: { spec: Pod } } }).spec.template.spec); // the manifest of a deployment
  expect(violationsOf(manifest).join('\n')).toContain(said);
});

test('a secret is never rendered, and a field that Kubernetes does not know is a fault', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } };
  expect(violationsOf(secret)).toEqual(['Secret x: secrets are made by hand, never rendered']);
  const manifest = find('Deployment pco-api');
  Object.assign(Object(manifest.spec), { replica: 2 });
  expect(faultsOf(manifest)).toEqual(['Deployment pco-api: spec has no field replica']);
  expect(faultsOf({ ...manifest, apiVersion: 'apps/v1beta1' })[0]).toContain('no schema of apps/v1beta1 Deployment');
});

test('every container has a configuration that it can read, with its variables and secrets', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pco-kubernetes-'));
  try {
    const configured = containers.filter(({ container }) => container.env.some(({ name }) => name === 'PCO_CONFIG'));
    expect(configured.map(({ container }) => container.name)).toEqual([
      'api',
      'plane-writer',
      'poller',
      'tmux-session-service',
      'session-worker',
    ]);
    for (const { container } of configured) {
      const source = {
        env: {
          ...imageOf(container.name).env,
          ...environmentOf(container, { dir, config: join(FOLDER, 'base/config.yaml') }),
        },
        argv: [],
        cwd: dir,
      };
      const isTerminals = container.name === 'tmux-session-service';
      if (isTerminals) expect(readTerminalConfig(source).tmux_session_service.token).toBe('0123456789abcdef');
      else expect(readConfig(source).redis.url, container.name).toBe('redis://:0123456789abcdef@pco-redis:6379/0');
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});

/** Variables that name a folder to write to. */
const FOLDERS = ['HOME', 'DATA_DIR', 'PCO_DATA_DIR', 'PCO_AUTOMATION_WORKTREE_ROOT', 'PCO_AUTOMATION_SIGNAL_DIR'];

test('every container runs as the user of its image, and can write where its image says', () => {
  const own = containers.filter(({ container }) => container.image.startsWith('plane-claude-orchestrator/'));
  for (const { container } of own) {
    const { env, user } = imageOf(container.image.split(/[/:]/)[1] ?? '');
    expect(user, container.name).toBe('10001:10001');
    const writable = container.volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath);
    // only a runner has something in its home
    const needed = FOLDERS.filter((name) => name !== 'HOME' || env.TMUX_TMPDIR !== undefined);
    const folders = needed.flatMap((name) => env[name] ?? []);
    const missing = folders.filter((folder) => !writable.some((path) => `${folder}/`.startsWith(`${path}/`)));
    expect(missing, container.name).toEqual([]);
    expect(writable, container.name).toContain('/tmp');
    if (['agent-host', 'tmux-session-service'].includes(container.name)) expect(writable).toContain(env.TMUX_TMPDIR);
  }
});

test('what is configured in two places is the same there', () => {
  const config = parse(read('infra/kubernetes/base/config.yaml')) as Configured; // read by readConfig above
  const text = JSON.stringify(find('Ingress pco'));
  expect(text).toContain(`"host":"${new URL(config.api.public_url).hostname}"`);
  const { version } = JSON.parse(read('package.json')) as { version: string }; // npm asks for it
  const own = containers.map(({ container }) => container.image).filter((image) => image.startsWith('plane-claude-'));
  expect(new Set(own.map((image) => image.split(':')[1]))).toEqual(new Set([version]));
  const runners = scaled('pco-runner');
  expect(runners.triggers.find(({ name }) => name === 'slots')?.metadata.threshold).toBe(String(config.runner.slots));
  expect(runners.maxReplicaCount * config.runner.slots).toBeLessThanOrEqual(config.limits.sessions);
});

interface Configured {
  readonly api: { readonly public_url: string };
  readonly runner: { readonly slots: number };
  readonly limits: { readonly sessions: number };
}
interface Scaled {
  readonly maxReplicaCount: number;
  readonly triggers: readonly { type: string; name?: string; metadata: { query?: string; threshold?: string } }[];
}
const scaled = (name: string): Scaled => find(`ScaledObject ${name}`).spec as Scaled; // as its schema has it

test('replicas follow the depth of queues and the age of their oldest job, by metrics that the api exports', () => {
  const exported = read('apps/api/src/metrics/shared-metrics.ts');
  for (const name of ['pco-runner', 'pco-poller', 'pco-plane-writer']) {
    const names = scaled(name).triggers.flatMap(({ metadata }) => metricNames(metadata.query ?? ''));
    expect(names, name).toContain('queue_depth');
    expect(names, name).toContain('queue_oldest_job_age_seconds');
    for (const metric of names) expect(exported).toContain(`'${metric}'`);
  }
});

test('the rules of the Prometheus Operator are those of Prometheus: npm run kubernetes writes them', () => {
  expect(readFileSync(RULES_FILE, 'utf8')).toBe(renderRules());
});

test('what is scraped has the names of jobs that rules and dashboards ask for', () => {
  const { scrape_configs } = parse(read('infra/prometheus/prometheus.yml')) as {
    scrape_configs: { job_name: string }[];
  }; // checked by promtool
  const monitors = manifests.filter(({ kind }) => kind === 'ServiceMonitor');
  const jobs = monitors.flatMap((monitor) => [...JSON.stringify(monitor).matchAll(/"replacement":"([^"]+)"/g)]);
  expect(jobs.map(([, job]) => job).sort()).toEqual(scrape_configs.map(({ job_name }) => job_name).sort());
});

test('every program may be talked to by those who have to, and is asked to stay when nodes are emptied', () => {
  const names = manifests.filter((manifest) => podOf(manifest)).map(({ metadata }) => metadata.name);
  const selecting = (kind: string) =>
    JSON.stringify(manifests.filter((manifest) => manifest.kind === kind).map(({ spec }) => spec));
  for (const name of names) {
    expect(selecting('Service'), name).toContain(`"${name}"`);
    expect(selecting('NetworkPolicy'), name).toContain(`"${name}"`);
    if (name !== 'pco-redis') expect(selecting('PodDisruptionBudget'), name).toContain(`"${name}"`);
  }
});

type Pod = {
  securityContext: Record<string, unknown>;
  automountServiceAccountToken?: boolean;
  volumes: object[];
  containers: { env: object[]; securityContext: Record<string, unknown>; livenessProbe?: object; resources?: object }[];
};
function first({ containers: [container] }: Pod) {
  if (!container) throw new Error('a pod has a container');
  return container;
}
