import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@pco/shared/testing/free-port';
import { parse, stringify } from 'yaml';
import { type ServiceProcess, serviceProcess } from './service-process.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

/** A host of its own: session-worker, terminal service, tmux server, data folder, and a clone of the repository. */
export interface Runner extends AsyncDisposable {
  readonly id: string;
  readonly socket: string;
  readonly repo: string;
  readonly dataDir: string;
  /** Of its session-worker. */
  readonly url: string;
  readonly services: readonly ServiceProcess[];
  start(): Promise<void>;
  tmux(...args: string[]): string;
  logs(): string;
}

/** One more runner of a stack, on this machine but with nothing in common but Redis, Plane and the repository's origin. */
export async function addRunner(
  stack: Stack,
  id: string,
  over: Readonly<Record<string, Record<string, unknown>>> = {},
): Promise<Runner> {
  const dir = join(stack.dir, id);
  const repo = join(dir, 'repo');
  execFileSync('git', ['clone', '-q', originOf(stack), repo]);
  const [terminalPort, workerPort] = [await freePort(), await freePort()];
  const socket = `pco-e2e-${terminalPort}`;
  const dataDir = join(dir, 'data');
  const config = parse(readFileSync(stack.configFile, 'utf8'));
  const own = {
    tmux_session_service: { url: `http://127.0.0.1:${terminalPort}`, socket },
    session_worker: { port: workerPort },
    automation: { repo_path: repo, signal_dir: '' },
    // by another name than everybody knows its own by
    runner: { id, terminal_url: `http://localhost:${terminalPort}` },
  };
  for (const sections of [own, over])
    for (const [section, values] of Object.entries(sections)) config[section] = { ...config[section], ...values };
  const configFile = join(dir, 'config.yaml');
  writeFileSync(configFile, stringify({ ...config, data_dir: dataDir }));
  const env = { ...stack.env, PCO_CONFIG: configFile };
  const terminalEnv = {
    ...env,
    PORT: String(terminalPort),
    DATA_DIR: join(dataDir, 'tmux-session-service'),
    PCO_TMUX_SOCKET: socket,
  };
  const logFile = join(dir, 'log');
  const services = [
    serviceProcess({ name: 'tmux-session-service', env: terminalEnv, logFile }),
    serviceProcess({ name: 'session-worker', env, logFile }),
  ];
  const tmux = (...args: string[]) =>
    spawnSync('tmux', ['-L', socket, ...args], { encoding: 'utf8', env }).stdout ?? '';
  const runner: Runner = {
    id,
    socket,
    repo,
    dataDir,
    url: `http://127.0.0.1:${workerPort}`,
    services,
    async start() {
      for (const service of services) service.start();
      await until(`runner ${id} is ready`, () =>
        fetch(`http://127.0.0.1:${workerPort}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
    },
    tmux,
    logs: () => readFileSync(logFile, 'utf8'),
    async [Symbol.asyncDispose]() {
      await Promise.all(services.map((service) => service.kill()));
      tmux('kill-server');
    },
  };
  await runner.start();
  return runner;
}

/** What all clones push to. */
export function originOf({ dir }: Pick<Stack, 'dir'>): string {
  const origin = join(dir, 'origin.git');
  if (!existsSync(origin)) execFileSync('git', ['clone', '-q', '--bare', join(dir, 'repo'), origin]);
  return origin;
}
