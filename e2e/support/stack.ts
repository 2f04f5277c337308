import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createPlaneEmulator, type PlaneEmulator } from '@pco/plane-emulator';
import type { ConfigInput } from '@pco/shared/config';
import type { Ticket } from '@pco/shared/domain';
import { createLogger } from '@pco/shared/log';
import { createQueues, type Queues } from '@pco/shared/queue';
import { connectRedis, createTicketStore, type RedisHandle, type TicketStore } from '@pco/shared/redis';
import { freePort } from '@pco/shared/testing/free-port';
import { stringify } from 'yaml';
import { endLeftovers } from './leftovers.ts';
import { type MortalRedis, startRedisUnderTest } from './redis-under-test.ts';
import { makeRepository } from './repository.ts';
import { type ServiceProcess, serviceProcess } from './service-process.ts';
import { until } from './until.ts';

export const SERVICES = ['tmux-session-service', 'session-worker', 'plane-writer', 'poller', 'api'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface StackOptions {
  /** Merged over the test configuration, section by section. */
  readonly config?: { readonly [Section in keyof ConfigInput]?: Record<string, unknown> };
  /** Environment for the agents, beside what the test agent needs. */
  readonly agentEnv?: Readonly<Record<string, string>>;
  /** Environment for one service, beside what all have. */
  readonly serviceEnv?: (name: ServiceName) => Readonly<Record<string, string>>;
  /** Called before the services are started: what they are to find. */
  readonly prepare?: (place: Pick<Stack, 'env' | 'socket'>) => void;
  /** Whether agents wait until `openGate`. */
  readonly gated?: boolean;
  /** Default: one server with an append-only file. */
  readonly redis?: () => Promise<MortalRedis>;
}

/** The whole product as real processes: a private Redis, tmux, git, the Plane emulator in this process. */
export interface Stack extends AsyncDisposable {
  readonly dir: string;
  readonly api: string;
  readonly terminal: string;
  /** Every service. */
  readonly urls: readonly string[];
  /** What the services get from their environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly emulator: PlaneEmulator;
  readonly project: { readonly id: string; readonly identifier: string };
  readonly redis: MortalRedis;
  /** Our own look at the stored state. */
  readonly store: TicketStore;
  readonly handle: RedisHandle;
  readonly queues: Queues;
  readonly services: Readonly<Record<ServiceName, ServiceProcess>>;
  readonly socket: string;
  readonly configFile: string;
  /** Lets a project be polled now instead of at the next interval. */
  poll(): Promise<void>;
  areReady(names: readonly ServiceName[]): Promise<boolean>;
  openGate(ticketId: string): void;
  /** Session ids of every agent that ever ran for the ticket. */
  starts(ticketId: string): string[];
  tmux(...args: string[]): string;
  hasSession(id: string): boolean;
  waitForStatus(ticketId: string, ...statuses: Ticket['status'][]): Promise<Ticket>;
  logs(name: ServiceName): string;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  await using stack = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'pco-e2e-'));
  if (process.env.PCO_E2E_KEEP !== '1') stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  // a tmux client of a service that was killed may start the server again that we have just ended
  stack.defer(async () => void (await endLeftovers(dir)));
  const redis = stack.use(await (options.redis?.() ?? startRedisUnderTest(join(dir, 'redis'))));
  const emulator = stack.use(await createPlaneEmulator({ seed: { projects: [{ identifier: 'ACME' }] } }));
  const { id: projectId } = await firstProject(emulator);
  const repo = makeRepository(dir);
  const at = {
    api: await freePort(),
    terminal: await freePort(),
    poller: await freePort(),
    worker: await freePort(),
    writer: await freePort(),
  };
  const socket = `pco-e2e-${at.terminal}`;
  for (const folder of ['signals', 'gates', 'home']) mkdirSync(join(dir, folder));
  const starts = join(dir, 'starts.log');
  writeFileSync(starts, '');
  const agentEnv = {
    PCO_TEST_STARTS: starts,
    ...(options.gated ? { PCO_TEST_GATES: join(dir, 'gates') } : {}),
    ...options.agentEnv,
  };
  const base: ConfigInput = {
    plane: {
      api_url: emulator.apiUrl,
      api_token: emulator.apiKey,
      workspace_slug: emulator.slug,
      project_ids: [projectId],
      poll_interval: 3_600,
      requests_per_minute: 100_000,
      lost_answer_wait: 1,
    },
    tmux_session_service: { url: `http://127.0.0.1:${at.terminal}`, socket },
    automation: {
      repo_path: repo,
      agent_command: [resolve(import.meta.dirname, 'agent.sh')],
      signal_dir: join(dir, 'signals'),
      keep_minutes: 0,
      accept_timeout: 15,
      agent_env: Object.keys(agentEnv),
    },
    api: { port: at.api, test_endpoint: true },
    poller: { port: at.poller },
    session_worker: { port: at.worker },
    plane_writer: { port: at.writer },
    redis: { ...redis.settings, prefix: 'e2e' },
    runner: { id: 'e2e', slots: 50 },
    limits: { sessions: 50, sessions_per_project: 50 },
    queues: { lock_duration_ms: 2_000, stalled_interval_ms: 1_000 },
    data_dir: join(dir, 'data'),
    logging: { level: 'debug' },
  };
  const configFile = join(dir, 'config.yaml');
  writeFileSync(configFile, stringify(merge(base, options.config ?? {})));
  const env = {
    PATH: process.env.PATH ?? '',
    TMUX_TMPDIR: dir, // its sockets vanish with the folder
    HOME: join(dir, 'home'),
    LANG: 'C.UTF-8',
    SHELL: '/bin/bash',
    PCO_CONFIG: configFile,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'pco-e2e-compile-cache'),
    ...agentEnv,
  };
  const terminalEnv = {
    ...env,
    PORT: String(at.terminal),
    DATA_DIR: join(dir, 'data', 'tmux-session-service'),
    PCO_TMUX_SOCKET: socket,
  };
  const tmux = (...args: string[]) =>
    spawnSync('tmux', ['-L', socket, ...args], { encoding: 'utf8', env }).stdout ?? '';
  const logFile = (name: string) => join(dir, `${name}.log`);
  const make = (name: ServiceName) => {
    const common = name === 'tmux-session-service' ? terminalEnv : env;
    return serviceProcess({ name, env: { ...common, ...options.serviceEnv?.(name) }, logFile: logFile(name) });
  };
  const services = Object.fromEntries(SERVICES.map((name) => [name, make(name)])) as Record<
    ServiceName,
    ServiceProcess
  >;
  stack.defer(async () => {
    await Promise.all(SERVICES.map((name) => services[name].kill()));
    tmux('kill-server');
  });
  options.prepare?.({ env, socket });
  for (const name of SERVICES) services[name].start();
  const place = { ...redis.settings, prefix: 'e2e', patience: 'wait' } as const;
  const handle = stack.use(await connectRedis(place, createLogger('e2e', 'silent')));
  const { client } = handle;
  const queues = stack.use(createQueues(handle));
  const store = createTicketStore(client, handle.keys);
  const ports = {
    'tmux-session-service': at.terminal,
    'session-worker': at.worker,
    'plane-writer': at.writer,
    poller: at.poller,
    api: at.api,
  };
  const isReady = (name: ServiceName) =>
    fetch(`http://127.0.0.1:${ports[name]}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  const areReady = async (names: readonly ServiceName[]) => (await Promise.all(names.map(isReady))).every(Boolean);
  await until(
    'every service is ready',
    () => {
      const ended = SERVICES.find((name) => services[name].hasEnded);
      if (ended) throw new Error(`${ended} ended while it started: ${lastWords(logFile(ended))}`);
      return areReady(SERVICES);
    },
    110_000,
  );
  // the first poll records the baseline; what a test creates afterwards is new
  await until('the baseline is recorded', async () => (await client.exists(handle.keys.cursor(projectId))) === 1);
  const moved = stack.move();
  let polls = 0;
  return {
    dir,
    api: `http://127.0.0.1:${at.api}`,
    terminal: `http://127.0.0.1:${at.terminal}`,
    urls: Object.values(ports).map((port) => `http://127.0.0.1:${port}`),
    env,
    emulator,
    project: { id: projectId, identifier: 'ACME' },
    redis,
    store,
    handle,
    queues,
    services,
    socket,
    configFile,
    async poll() {
      polls += 1;
      await queues.add('plane-read', 'poll', { projectId }, { jobId: `test-${process.pid}-${polls}-now` });
    },
    areReady,
    openGate: (ticketId) => writeFileSync(join(dir, 'gates', ticketId), ''),
    starts: (ticketId) =>
      readFileSync(starts, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith(`${ticketId} `))
        .map((line) => line.split(' ')[1] ?? ''),
    tmux,
    hasSession: (id) => spawnSync('tmux', ['-L', socket, 'has-session', '-t', `=${id}`], { env }).status === 0,
    waitForStatus: (ticketId, ...statuses) =>
      until(
        `${ticketId} is ${statuses.join(' or ')}`,
        async () => {
          const { ticket } = await store.load(ticketId);
          return ticket && statuses.includes(ticket.status) ? ticket : false;
        },
        STATUS_MS,
      ),
    logs: (name) => readFileSync(logFile(name), 'utf8'),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

const lastWords = (file: string): string => readFileSync(file, 'utf8').slice(-2_000);

/** A job that was lost with its Redis is missed after a minute. */
const STATUS_MS = 100_000;

async function firstProject(emulator: PlaneEmulator): Promise<{ id: string }> {
  const url = `${emulator.apiUrl}/workspaces/${emulator.slug}/projects/`;
  const answer = await fetch(url, { headers: { 'X-Api-Key': emulator.apiKey } });
  const page = (await answer.json()) as { results: { id: string }[] }; // the emulator's own envelope
  const [project] = page.results;
  if (!project) throw new Error('the emulator has no project');
  return project;
}

function merge(base: ConfigInput, over: NonNullable<StackOptions['config']>): object {
  const merged: Record<string, unknown> = { ...base };
  for (const [section, values] of Object.entries(over))
    merged[section] = { ...(merged[section] as Record<string, unknown> | undefined), ...values }; // sections are mappings
  return merged;
}
