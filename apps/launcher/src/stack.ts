import { type Config, readConfig, watchConfig } from '@pco/shared/config';
import { createLogger } from '@pco/shared/log';
import { namesRedis } from '@pco/shared/redis';
import { urlOf } from '@pco/shared/url-of';
import type { Child, ChildEvent } from './child.ts';
import { createFamily } from './family.ts';
import { type ConsoleFormat, createLogLines, type LogLines } from './log-lines.ts';
import { bringPrograms, checkPorts, type HeldLock, holdDataDir } from './preflight.ts';
import { checkConfiguredRedis, preparePrivateRedis } from './redis.ts';
import {
  type EmulatorPlan,
  type Environment,
  emulatorSpec,
  inheritedEnvironment,
  type ServiceContext,
  terminalServiceSpec,
  terminalUrl,
  workServiceSpecs,
} from './services.ts';
import type { Terminal } from './terminal.ts';

export interface StackOptions {
  /** Default: what PCO_CONFIG names, or config.yaml. */
  readonly configFile?: string;
  /** PCO_* variables that win over the file and over our own environment. */
  readonly overrides?: Environment;
  /** `key=value` of the command line, before all else. */
  readonly settings?: readonly string[];
  /** Start this emulator too. */
  readonly emulator?: EmulatorPlan;
  readonly env: Environment;
  readonly cwd: string;
  readonly terminal: Terminal;
  /** Default: logging.format. */
  readonly format?: ConsoleFormat;
  /** The data folder, when the caller holds it already. */
  readonly lock?: HeldLock;
  /** Told each life and death of a child, after it is logged. */
  readonly onEvent?: (name: string, event: ChildEvent) => void;
  /** Aborting it ends the start. */
  readonly signal?: AbortSignal;
}

/** Everything running. Disposing of it stops the services, then the terminal service and emulator, Redis last. */
export interface Stack extends AsyncDisposable {
  readonly config: Config;
  readonly apiUrl: string;
  readonly emulatorUrl: string | undefined;
  readonly children: readonly Child[];
  child(name: string): Child;
  /** Lets the services read their configuration again. */
  reload(): void;
  /** SIGKILL for everybody: the second Ctrl-C. */
  kill(): void;
}

/**
 * Brings what is missing, starts everything and resolves when all of it is healthy.
 *
 * @throws Refusal, or AppError CONFIG_INVALID, with what a person has to mend; nothing is left running then
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { terminal, cwd, configFile, settings = [] } = options;
  const env = effectiveEnvironment(options);
  const named = configFile ? ['--config', configFile] : [];
  const source = { env, argv: [...named, ...settings.flatMap((one) => ['--set', one])], cwd };
  const config = readConfig(source);
  await using cleanup = new AsyncDisposableStack();
  const lock = options.lock ?? (await holdDataDir(config.data_dir, terminal));
  cleanup.defer(() => lock.release());
  const program = await bringPrograms(!namesRedis(config.redis), terminal);
  await checkPorts(config);
  const redis = program ? await preparePrivateRedis(config.data_dir, program) : undefined;
  if (!redis) await checkConfiguredRedis(config.redis);

  const lines = cleanup.use(openLog(options, config));
  // what is shown and written may change; the services say themselves what else has
  const watch = cleanup.use(watchConfig(source, readConfig, config, { log: createLogger('launcher', 'silent') }));
  const family = createFamily({ lines, lock, onEvent: options.onEvent });
  const refused = new Map<string, string>();
  const context: ServiceContext = {
    config,
    env: {
      ...env,
      PCO_CONFIG: configFile ?? env.PCO_CONFIG,
      PCO_DATA_DIR: config.data_dir,
      ...(redis ? { PCO_REDIS_URL: redis.url } : {}),
      PCO_TMUX_SESSION_SERVICE_URL: terminalUrl(config),
    },
    cwd,
    seen: (service, answer) => void refused.set(service, answer),
  };

  // Each group is started after the one before it and stopped before it.
  const ground = redis ? [redis.spec] : [];
  const outside = options.emulator ? [emulatorSpec(options.emulator, context)] : [];
  const terminals = [terminalServiceSpec(context)].filter((spec) => spec !== undefined);
  const healthy = (children: readonly Child[]) => family.untilHealthy(children, refused, options.signal);
  cleanup.defer(() => family.stopAll());
  family.startGroup(ground);
  const early = family.startGroup([...outside, ...terminals]);
  const isEmulator = ({ name }: Child) => name === 'plane-emulator';
  await healthy(early.filter(isEmulator));
  const services = family.startGroup(workServiceSpecs(context));
  await healthy(family.children);

  const open = cleanup.move();
  return {
    config,
    apiUrl: urlOf(config.api),
    emulatorUrl: options.emulator && `http://127.0.0.1:${options.emulator.port}`,
    children: family.children,
    child: (name) => family.child(name),
    reload() {
      watch.reload();
      for (const service of [...early, ...services]) if (!isEmulator(service)) service.reload();
    },
    kill: () => family.killAll(),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** The bare PORT and HOST are the api's (B-044). */
function effectiveEnvironment({ env, overrides, settings = [] }: StackOptions): Record<string, string | undefined> {
  const named = { PCO_API_PORT: env.PCO_API_PORT ?? env.PORT, PCO_API_HOST: env.PCO_API_HOST ?? env.HOST };
  // the services are told what the command line has set as variables, which they read in the same way
  const set = settings.map((setting): [string, string] => {
    const at = setting.indexOf('=');
    return [`PCO_${setting.slice(0, at).toUpperCase().replaceAll('.', '_')}`, setting.slice(at + 1)];
  });
  return { ...inheritedEnvironment(env), ...named, ...overrides, ...Object.fromEntries(set) };
}

function openLog({ format, terminal }: StackOptions, { logging }: Config): LogLines {
  return createLogLines({
    format: format ?? logging.format,
    levels: logging,
    file: { path: logging.file, maxMb: logging.file_max_mb, maxDays: logging.file_max_days, keep: logging.file_keep },
    color: terminal.isTerminal,
    write: (text) => terminal.say(text.trimEnd()),
  });
}
