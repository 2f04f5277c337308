import { resolve } from 'node:path';
import { delimiter, sep } from 'node:path/posix';
import { pathToFileURL } from 'node:url';
import { type Config, ENVIRONMENT } from '@pco/shared/config';
import { LAUNCHED } from '@pco/shared/log';
import { isLoopback } from '@pco/shared/service';
import { SECOND_MS } from '@pco/shared/time';
import { urlOf } from '@pco/shared/url-of';
import type { ChildSpec } from './child.ts';
import { untilOk } from './ready.ts';

export const ROOT = resolve(import.meta.dirname, '../../..');
const PRELOAD = pathToFileURL(resolve(import.meta.dirname, 'die-with-parent.ts')).href;
const STOP_MS = 12_000; // every service gives up by itself after 10 s
/** V8 lets what is young grow to 16 MB three times over while the modules load, and an idle service never gives it back. */
export const YOUNG_SPACE = '--max-semi-space-size=4'; // MB

export type Environment = Readonly<Record<string, string | undefined>>;

/** What listens where, and which key of the configuration and variable say so. */
export interface Endpoint {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly key: string;
  readonly variable: string;
}

export function endpointsOf(config: Config): Endpoint[] {
  const at = (service: string, { host, port }: { host: string; port: number }): Endpoint => {
    const section = service.replaceAll('-', '_');
    return { service, host, port, key: `${section}.port`, variable: `PCO_${section.toUpperCase()}_PORT` };
  };
  return [
    ...(runsTerminalService(config) ? [at('tmux-session-service', terminalAddress(config))] : []),
    at('session-worker', config.session_worker),
    at('plane-writer', config.plane_writer),
    at('poller', config.poller),
    at('api', config.api),
  ];
}

const DEFAULT_TERMINAL_PORT = 5001;

/** A terminal service on another host is somebody else's to run. */
export const runsTerminalService = ({ tmux_session_service: { url } }: Config): boolean =>
  isLoopback(new URL(url).hostname);

/** `url` and `port` say the same thing twice; whichever was changed from the default wins, `port` before `url`. */
export function terminalAddress({ tmux_session_service: { host, port, url } }: Config): { host: string; port: number } {
  const named = Number(new URL(url).port || 80);
  return { host, port: port === DEFAULT_TERMINAL_PORT ? named : port };
}

export function terminalUrl(config: Config): string {
  const { url } = config.tmux_session_service;
  if (!runsTerminalService(config) || Number(new URL(url).port) !== DEFAULT_TERMINAL_PORT) return url;
  return urlOf(terminalAddress(config));
}

/**
 * What children get of our own environment: no traces of npm, whose PATH would give agents our tools instead of the
 * user's, and not the bare PORT and HOST, which two services would take for theirs.
 */
export function inheritedEnvironment(env: Environment): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(([name]) => !/^(npm_.*|INIT_CWD|NODE|PORT|HOST|PCO_RUN_PID)$/.test(name));
  const path = env.PATH?.split(delimiter).filter((dir) => !isNpmFolder(dir));
  return { ...Object.fromEntries(kept), ...(path ? { PATH: path.join(delimiter) } : {}) };
}

const isNpmFolder = (dir: string): boolean =>
  dir.endsWith(`${sep}node_modules${sep}.bin`) || dir.endsWith(`${sep}node-gyp-bin`);

/** None of our own variables but those named. */
const withSettings = (env: Environment, kept: readonly string[]): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PCO_') || kept.includes(name)));

/** The terminal service knows neither Plane nor Redis, so it gets none of their secrets. */
const TERMINAL_SECTIONS: readonly (string | undefined)[] = ['tmux_session_service', 'logging', 'tracing'];
const TERMINAL_VARIABLES = [
  ...['PCO_CONFIG', 'PCO_ALLOWED_ORIGINS', 'PCO_TMUX_SOCKET'],
  ...[...ENVIRONMENT].flatMap(([name, [section]]) => (TERMINAL_SECTIONS.includes(section) ? [name] : [])),
];

export interface ServiceContext {
  readonly config: Config;
  /** The children's environment, PCO_CONFIG and PCO_REDIS_URL included. */
  readonly env: Environment;
  readonly cwd: string;
  /** Hears what a service that is not ready yet answers. */
  readonly seen: (service: string, answer: string) => void;
}

export function terminalServiceSpec(context: ServiceContext): ChildSpec | undefined {
  const { config } = context;
  if (!runsTerminalService(config)) return undefined;
  const at = terminalAddress(config);
  const env = {
    ...withSettings(context.env, TERMINAL_VARIABLES),
    PCO_TMUX_SESSION_SERVICE_HOST: at.host,
    PCO_TMUX_SESSION_SERVICE_PORT: String(at.port),
    DATA_DIR: resolve(config.data_dir, 'tmux-session-service'),
  };
  return serviceSpec('tmux-session-service', `${urlOf(at)}/health`, { ...context, env });
}

export const workServiceSpecs = (context: ServiceContext): ChildSpec[] => [
  serviceSpec('session-worker', `${urlOf(context.config.session_worker)}/readyz`, context),
  serviceSpec('plane-writer', `${urlOf(context.config.plane_writer)}/readyz`, context),
  serviceSpec('poller', `${urlOf(context.config.poller)}/readyz`, context),
  serviceSpec('api', `${urlOf(context.config.api)}/readyz`, context),
];

function serviceSpec(name: string, readyUrl: string, { env, cwd, seen }: Omit<ServiceContext, 'config'>): ChildSpec {
  return nodeSpec(name, `apps/${name}/src/main.ts`, { env, cwd, readyUrl, seen: (answer) => seen(name, answer) });
}

export interface EmulatorPlan {
  readonly port: number;
  readonly seedFile: string;
  readonly stateFile: string;
  readonly logFile?: string;
}

export const emulatorSpec = (plan: EmulatorPlan, { env, cwd, seen }: Omit<ServiceContext, 'config'>): ChildSpec =>
  nodeSpec('plane-emulator', 'packages/plane-emulator/src/main.ts', {
    env: {
      ...withSettings(env, []),
      EMULATOR_PORT: String(plan.port),
      EMULATOR_SEED_FILE: plan.seedFile,
      EMULATOR_STATE_FILE: plan.stateFile,
      EMULATOR_LOG_FILE: plan.logFile,
    },
    cwd,
    readyUrl: `http://127.0.0.1:${plan.port}/__control/health`,
    seen: (answer) => seen('plane-emulator', answer),
  });

interface NodeChild {
  readonly env: Environment;
  readonly cwd: string;
  readonly readyUrl: string;
  readonly seen: (answer: string) => void;
}

const nodeSpec = (name: string, main: string, { env, cwd, readyUrl, seen }: NodeChild): ChildSpec => ({
  name,
  command: process.execPath,
  args: [YOUNG_SPACE, '--import', PRELOAD, resolve(ROOT, main)],
  env: { ...env, [LAUNCHED]: '1' },
  cwd,
  ready: (signal) => untilOk(readyUrl, signal, seen),
  stopMs: STOP_MS + SECOND_MS,
});
