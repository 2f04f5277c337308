import {
  type DestinationStream,
  type LoggerOptions,
  type Logger as PinoLogger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';

export type Logger = PinoLogger;
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Whether a line of one level is wanted where another is set; one of a level that we do not know always is. */
export const isWanted = (level: unknown, set: LogLevel): boolean => {
  const rank = LOG_LEVELS.indexOf(level as LogLevel); // -1 for anything else
  return set !== 'silent' && (rank < 0 || rank >= LOG_LEVELS.indexOf(set));
};

/** Set by `npm start`, which shows one level and writes another into its file. */
export const LAUNCHED = 'PCO_LAUNCHED';

/** What a service has to say: under `npm start` all that its console or its file wants, else what is shown. */
export function levelOf(
  { level, file, file_level }: { level: LogLevel; file: string; file_level: LogLevel },
  isLaunched: boolean,
): LogLevel {
  return isLaunched && file !== '' && isWanted(level, file_level) ? file_level : level;
}

/** Fields that may hold a secret; the value is replaced, the name stays (B-012). */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  ...['token', 'api_token', 'apiToken', 'apiKey', 'password', 'secret', 'secrets'],
  ...['authorization', 'Authorization', 'x-api-key', 'X-Api-Key'],
]);
/** What stands in an object within the details of an error is still reached: `err.details.request.token`. */
const DEPTH = 5;
const CENSORED = '[redacted]';

/**
 * One JSON line per event on stdout. The message is a constant lower-case phrase; whatever varies is a field.
 * `event` repeats the subject (poll, session, completion, plane …) so that the log can be filtered by it (B-123).
 */
export function createLogger(service: string, level: LogLevel = 'info', destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    // not pino's own redaction: its paths with wildcards cost ten times what the line does
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => withoutSecrets(fields, DEPTH) as Record<string, unknown>, // gives what it is given
    },
    serializers: {
      ...Object.fromEntries([...SECRET_FIELDS].map((name) => [name, () => CENSORED])), // also those of a child
      err: (err: Error | string) => {
        if (typeof err === 'string') return err; // where the stack would tell an operator nothing
        // `command` holds what was said to Redis, `input` an address with its password
        const { command: _, input: __, ...safe } = stdSerializers.err(err);
        return withoutSecrets(safe, DEPTH);
      },
    },
  };
  return pino(options, destination ?? ourStdout());
}

/** The same without secrets; the very object when it holds none, as nearly every line does. */
function withoutSecrets(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error || depth === 0) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [name, held] of Object.entries(value)) {
    const clean = SECRET_FIELDS.has(name) ? CENSORED : withoutSecrets(held, depth - 1);
    if (clean === held) continue;
    copy ??= { ...value };
    copy[name] = clean;
  }
  return copy ?? value;
}

let stdout: DestinationStream | undefined;
/** One for all loggers of a process, so that their lines stay in order. */
function ourStdout(): DestinationStream {
  stdout ??= linesPerTurn();
  return stdout;
}

/** What is logged in one turn of the event loop is written together, because a system call costs more than a line. */
function linesPerTurn(): DestinationStream & { flushSync(): void } {
  const out = pino.destination({ fd: 1, sync: true });
  let lines = '';
  const flushSync = () => {
    const text = lines;
    lines = '';
    if (text !== '') out.write(text);
  };
  process.on('exit', flushSync); // the last words of a process that ends within the turn
  return {
    flushSync, // pino calls it after a fatal line
    write(line) {
      if (lines === '') setImmediate(flushSync);
      lines += line;
    },
  };
}
