import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Config, type ConfigInput, readConfig } from '@pco/shared/config';
import { createLogger } from '@pco/shared/log';
import { createQueues, type Queues } from '@pco/shared/queue';
import { connectRedis, createTicketStore, type RedisHandle, type TicketStore } from '@pco/shared/redis';
import { freePort } from '@pco/shared/testing/free-port';
import { stringify } from 'yaml';
import { startRedisUnderTest } from '../../e2e/support/redis-under-test.ts';
import { makeRepository } from '../../e2e/support/repository.ts';
import { until } from '../../e2e/support/until.ts';
import { type BenchChild, startChild } from './child.ts';

export const PREFIX = 'bench';
/** Session files of the no-op agent are kept here: the loop is measured, not the disk. Redis is on the disk. */
const RAM = '/dev/shm';
const SLUG = 'demo';
const TOKEN = 'plane_api_demo_0123456789abcdef01234567'; // what the emulator answers to

export interface LoopStackOptions {
  readonly agent: 'no-op' | 'real';
  /** Sessions side by side. */
  readonly slots: number;
  /** Work items are spread over these: the poller reads projects side by side. */
  readonly projects: number;
  /** The agent's program, of `bench/programs`, if not the one that completes at once. */
  readonly program?: string;
  /** With a replica of Redis, and this as `redis.wait_replicas`. */
  readonly waitReplicas?: number;
  /** Added to the configuration. */
  readonly config?: Pick<ConfigInput, 'webhooks'>;
}

export interface LoopStack extends AsyncDisposable {
  readonly dir: string;
  readonly redisUrl: string;
  readonly apiUrl: string;
  /** Of the emulator, for its control surface. */
  readonly planeUrl: string;
  readonly config: Config;
  readonly repo: string;
  readonly socket: string;
  readonly projects: readonly { readonly id: string; readonly identifier: string }[];
  readonly handle: RedisHandle;
  readonly store: TicketStore;
  readonly queues: Queues;
  /** Every process of the loop by name: our services, Redis and the emulator. */
  readonly pids: ReadonlyMap<string, number>;
  /** Creates work items and gives their keys. */
  createItems(perProject: number): Promise<string[]>;
  poll(): Promise<void>;
}

/** The product as processes over a Redis of its own (AOF everysec) and the Plane emulator, which is a process too. */
export async function startLoopStack({
  agent,
  slots,
  projects: count,
  program = 'agent.sh',
  waitReplicas,
  config: added,
}: LoopStackOptions): Promise<LoopStack> {
  await using stack = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'pco-bench-'));
  if (process.env.PCO_BENCH_KEEP !== '1') stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  for (const folder of ['signals', 'home']) mkdirSync(join(dir, folder));
  const dataDir = agent === 'no-op' && existsSync(RAM) ? mkdtempSync(join(RAM, 'pco-bench-')) : join(dir, 'data');
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const redis = stack.use(await startRedisUnderTest(join(dir, 'redis')));
  const wait = waitReplicas === undefined ? {} : { wait_replicas: waitReplicas };
  if (waitReplicas !== undefined) {
    const follow = ['--replicaof', '127.0.0.1', new URL(redis.url).port, '--repl-diskless-sync-delay', '0'];
    stack.use(await startRedisUnderTest(join(dir, 'replica'), follow));
  }
  const at = { plane: 0, api: 0, terminal: 0, poller: 0, worker: 0, writer: 0 };
  for (const name of Object.keys(at) as (keyof typeof at)[]) at[name] = await freePort(); // keys of a constant object
  const seedFile = join(dir, 'seed.json');
  const identifiers = Array.from({ length: count }, (_, i) => `BENCH${i + 1}`);
  writeFileSync(seedFile, JSON.stringify({ projects: identifiers.map((identifier) => ({ identifier })) }));
  const children: BenchChild[] = [];
  const start = (name: string, script: string, env: Record<string, string>) => {
    const child = stack.use(startChild({ name, script, env, logFile: join(dir, `${name}.log`) }));
    children.push(child);
  };
  const base = {
    PATH: process.env.PATH ?? '',
    HOME: join(dir, 'home'),
    LANG: 'C.UTF-8',
    SHELL: '/bin/bash',
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'pco-bench-compile-cache'),
  };
  const plane = `http://127.0.0.1:${at.plane}`;
  start('plane-emulator', 'packages/plane-emulator/src/main.ts', {
    ...base,
    EMULATOR_PORT: String(at.plane),
    EMULATOR_SLUG: SLUG,
    EMULATOR_API_KEY: TOKEN,
    EMULATOR_SEED_FILE: seedFile,
  });
  await until('the emulator is ready', () => isOk(`${plane}/__control/health`));
  const projects = await listProjects(`${plane}/api/v1/workspaces/${SLUG}/projects/`);
  const repo = makeRepository(dir);
  const socket = `pco-bench-${at.terminal}`;
  const config: ConfigInput = {
    plane: {
      api_url: `${plane}/api/v1`,
      api_token: TOKEN,
      workspace_slug: SLUG,
      project_ids: projects.map(({ id }) => id),
      poll_interval: 3_600, // we say when
      requests_per_minute: 10_000_000,
      path_segment: 'work-items',
    },
    tmux_session_service: { url: `http://127.0.0.1:${at.terminal}`, socket },
    automation: {
      repo_path: repo,
      agent_command: [resolve(import.meta.dirname, '../programs', program)],
      signal_dir: join(dir, 'signals'),
      keep_minutes: 0,
    },
    api: { port: at.api, requests_per_minute: 0 }, // the loop is measured, not the limit
    poller: { port: at.poller },
    session_worker: { port: at.worker },
    plane_writer: { port: at.writer },
    redis: { url: redis.url, prefix: PREFIX, ...wait },
    runner: { id: 'bench', slots },
    limits: { sessions: slots, sessions_per_project: slots },
    data_dir: dataDir,
    ...added,
  };
  const configFile = join(dir, 'config.yaml');
  writeFileSync(configFile, stringify(config));
  const env = { ...base, PCO_CONFIG: configFile };
  if (agent === 'real') {
    stack.defer(() => void spawnSync('tmux', ['-L', socket, 'kill-server'], { stdio: 'ignore' }));
    start('tmux-session-service', 'apps/tmux-session-service/src/main.ts', {
      ...env,
      PORT: String(at.terminal),
      DATA_DIR: join(dataDir, 'tmux-session-service'),
      PCO_TMUX_SOCKET: socket,
    });
  }
  const worker = agent === 'real' ? 'apps/session-worker/src/main.ts' : 'bench/programs/no-op-session-worker.ts';
  start('session-worker', worker, env);
  for (const name of ['plane-writer', 'poller', 'api']) start(name, `apps/${name}/src/main.ts`, env);

  const log = createLogger('bench', 'silent');
  const handle = stack.use(await connectRedis({ url: redis.url, prefix: PREFIX, patience: 'wait', ...wait }, log));
  const { client } = handle;
  const queues = stack.use(createQueues(handle));
  for (const port of [at.worker, at.writer, at.poller, at.api])
    await until(`port ${port} is ready`, () => isOk(`http://127.0.0.1:${port}/readyz`));
  for (const { id } of projects)
    await until('the baseline is recorded', async () => (await client.exists(handle.keys.cursor(id))) === 1);
  const redisPid = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
  const pids = new Map([['redis', redisPid], ...children.map(({ name, pid }) => [name, pid ?? 0] as const)]);
  let polls = 0;
  const moved = stack.move();
  return {
    dir,
    redisUrl: redis.url,
    apiUrl: `http://127.0.0.1:${at.api}`,
    planeUrl: plane,
    config: readConfig({ env: { PCO_CONFIG: configFile }, argv: [], cwd: dir }),
    repo,
    socket,
    projects,
    handle,
    store: createTicketStore(client, handle.keys, handle.replicas),
    queues,
    pids,
    async createItems(perProject) {
      const keys: string[] = [];
      for (const { identifier } of projects) {
        const body = { project: identifier, count: perProject, namePrefix: 'bench', state: 'Todo' };
        const answer = await post(`${plane}/__control/items/batch`, body);
        const { first } = (await answer.json()) as { first: { sequenceId: number } }; // the emulator's own envelope
        for (let i = 0; i < perProject; i += 1) keys.push(`${identifier}-${first.sequenceId + i}`);
      }
      return keys;
    },
    async poll() {
      polls += 1;
      for (const { id } of projects)
        await queues.add('plane-read', 'poll', { projectId: id }, { jobId: `bench-${polls}-${id}-now` });
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const isOk = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

async function listProjects(url: string): Promise<{ id: string; identifier: string }[]> {
  const answer = await fetch(url, { headers: { 'X-Api-Key': TOKEN } });
  const page = (await answer.json()) as { results: { id: string; identifier: string }[] }; // the emulator's own envelope
  return page.results.map(({ id, identifier }) => ({ id, identifier }));
}
