import module from 'node:module';
import closeWithGrace from 'close-with-grace';
import { type Config, configFile, readConfig, type Source, watchConfig } from '../config/index.ts';
import { AppError, isCode, messageOf } from '../errors.ts';
import { createLogger, LAUNCHED, type Logger, levelOf } from '../log.ts';
import { startTracing } from '../tracing/index.ts';

/** BullMQ hands an unfinished job to another worker, so a stop need not wait longer for one (B-021). */
const STOP_TIMEOUT_MS = 10_000;

/** What `process` gives to a service; `main.ts` passes it in, so nothing else touches `process`. */
export type ProcessLike = Pick<NodeJS.Process, 'env' | 'pid' | 'argv' | 'cwd' | 'exit' | 'on' | 'stderr' | 'stdout'>;
export type Start = (config: Config, log: Logger, process: ProcessLike) => Promise<AsyncDisposable>;

/** A service with a configuration of its own making; the others have all of it. */
export interface Program<Settings> {
  readonly name: string;
  /** @throws AppError CONFIG_INVALID */
  read(source: Source): Settings;
  start(config: Settings, log: Logger, process: ProcessLike): Promise<AsyncDisposable>;
}

export const runService = (name: string, process: ProcessLike, start: Start): Promise<void> =>
  runProgram(process, { name, read: readConfig, start });

/**
 * The life of a service process: read the configuration, start, and stop on SIGINT or SIGTERM. What may change while
 * it runs is read again when the file changes, and on SIGHUP.
 * `--check-config` only validates. A bad configuration is printed and exits with 1 (B-018, B-019).
 */
export async function runProgram<Settings extends Pick<Config, 'logging' | 'tracing'>>(
  process: ProcessLike,
  { name, read, start }: Program<Settings>,
): Promise<void> {
  let log = createLogger(name);
  try {
    const source = { env: environmentOf(name, process.env), argv: process.argv.slice(2), cwd: process.cwd() };
    const config = read(source);
    if (process.argv.includes('--check-config')) {
      process.stdout.write('the configuration is valid\n');
      return;
    }
    const level = () => levelOf(config.logging, process.env[LAUNCHED] !== undefined);
    log = createLogger(name, level());
    log.info({ event: 'service.config', file: configFile(source) ?? 'environment only' }, 'configuration read');
    // from before the start: what is saved meanwhile counts, and SIGHUP ends nothing
    const onChange = () => {
      log.level = level();
    };
    const watch = watchConfig(source, read, config, { log, onChange });
    const isDaemon = !process.stdout.isTTY; // in a terminal SIGHUP says that it was closed
    if (isDaemon) process.on('SIGHUP', watch.reload);
    await using stack = new AsyncDisposableStack();
    stack.use(await startTracing(name, config.tracing.otlp_endpoint));
    stack.use(await start(config, log, process));
    stopWithGrace(stack.move(), log, isDaemon ? ['SIGHUP'] : []);
    keepCompiled(); // it takes a moment, in which we may be told to stop
  } catch (err) {
    if (isCode(err, 'CONFIG_INVALID')) process.stderr.write(`${name}: ${messageOf(err)}\n`);
    // what we expect is told in its own words; only what we do not needs a stack
    else if (err instanceof AppError)
      log.fatal({ event: 'service.failed', code: err.code, why: err.message }, 'service could not start');
    else log.fatal({ event: 'service.failed', err }, 'service could not start');
    process.exit(1);
  }
}

/** Node writes NODE_COMPILE_CACHE at the end of a process, which one that is killed never has; the next start takes half as long. */
const keepCompiled = (): void => module.flushCompileCache?.(); // Node 20 has none

/** `PORT` and `HOST` alone are the api's, as platforms set them; the terminal service reads its own (B-044). */
const environmentOf = (name: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  name === 'api' ? { PCO_API_PORT: env.PORT, PCO_API_HOST: env.HOST, ...env } : env;

/** A second signal, or the time-out passing, ends the process at once; its jobs then run again as stalled. */
function stopWithGrace(service: AsyncDisposable, log: Logger, skip: 'SIGHUP'[] = []): void {
  closeWithGrace({ delay: STOP_TIMEOUT_MS, logger: log, skip }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'stopping after an uncaught error');
    else log.info({ signal }, 'service stopping');
    await service[Symbol.asyncDispose]();
  });
}
