import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { AppError } from '@pco/shared/errors';
import { isLoopback } from '@pco/shared/service';
import { DAY_MS } from '@pco/shared/time';
import { z } from 'zod';

const MEGABYTE = 1024 * 1024;

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  /** For callers that may only look. */
  readonly viewToken: string | undefined;
  /** Whether people may have accounts, and who makes them. */
  readonly accounts: 'off' | 'closed' | 'open';
  readonly tmuxBin: string;
  readonly tmuxSocket: string;
  readonly shell: string;
  readonly home: string;
  readonly dataDir: string;
  /** How much of the output of sessions is kept, and how long. */
  readonly recordings: { readonly maxBytes: number; readonly maxTotalBytes: number; readonly maxAgeMs: number };
  readonly allowedOrigins: readonly string[];
  /** Where traces go; nowhere if it is not set. */
  readonly tracesTo: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** All that tmux, and with it every session, gets of our environment. */
  readonly sessionEnv: Readonly<Record<string, string>> & { readonly PATH: string };
}

/** The variables, for --help; two names mean that the first one set wins. */
export const HELP = `Usage: node src/main.ts [--check-config] [--help]

Keeps terminal sessions in tmux: HTTP for their life, WebSocket for their screens. Configured by the environment:

  PCO_TMUX_SESSION_SERVICE_HOST, HOST    address to listen on (127.0.0.1); any other than loopback needs a token
  PCO_TMUX_SESSION_SERVICE_PORT, PORT    port (5001)
  PCO_TMUX_SESSION_SERVICE_TOKEN         bearer token that callers must send, at least 16 characters
  PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN    bearer token of callers that may look at sessions and nothing else
  …_TOKEN_FILE, …_VIEW_TOKEN_FILE        files that hold them, in place of the variables
  PCO_TMUX_SESSION_SERVICE_ACCOUNTS      off: none (default); closed: the token registers people; open: everybody may
  PCO_ALLOWED_ORIGINS                    browser origins besides our own, separated by commas
  PCO_TMUX_SOCKET                        tmux server of its own name (pco); "default" is the user's own server
  PCO_TMUX_SESSION_SERVICE_RECORDING_MB  output kept of one session (32); 0 records nothing, terminals cannot resume then
  PCO_TMUX_SESSION_SERVICE_RECORDINGS_TOTAL_MB
                                         output kept of all sessions (4096); the oldest ended ones go first
  PCO_TMUX_SESSION_SERVICE_RECORDING_DAYS
                                         how long the output of an ended session is kept (30)
  PCO_TRACING_OTLP_ENDPOINT              OTLP collector that traces go to, such as http://127.0.0.1:4318 (none)
  PCO_LOGGING_LEVEL                      debug, info, warn, error or silent (info)
  TMUX_BIN                               tmux program (tmux)
  SHELL_CMD                              what runs in a session without a command ($SHELL, then bash)
  DATA_DIR                               folder for sessions.json and recordings (data/tmux-session-service)
`;

const Environment = z.object({
  PCO_TMUX_SESSION_SERVICE_HOST: z.string().default('127.0.0.1'),
  PCO_TMUX_SESSION_SERVICE_PORT: z.coerce.number().int().min(0).max(65_535).default(5001),
  PCO_TMUX_SESSION_SERVICE_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  PCO_TMUX_SESSION_SERVICE_ACCOUNTS: z.enum(['off', 'closed', 'open']).default('off'),
  PCO_TMUX_SESSION_SERVICE_RECORDING_MB: z.coerce.number().min(0).max(100_000).default(32),
  PCO_TMUX_SESSION_SERVICE_RECORDINGS_TOTAL_MB: z.coerce.number().min(0).default(4096),
  PCO_TMUX_SESSION_SERVICE_RECORDING_DAYS: z.coerce.number().min(0).default(30),
  PCO_ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((origin) => origin.trim() || []))
    .pipe(z.array(z.string().regex(/^https?:\/\/[^/]+$/, 'must be origins such as https://pco.example.com'))),
  PCO_TMUX_SOCKET: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _')
    .default('pco'),
  PCO_TRACING_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional(),
  PCO_LOGGING_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TMUX_BIN: z.string().default('tmux'),
  SHELL_CMD: z.string().optional(),
  SHELL: z.string().default('bash'),
  HOME: z.string().default(homedir()),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
  DATA_DIR: z.string().default('data/tmux-session-service'),
});

/** An older, shorter name that counts when the full one is not set. */
const SHORT_NAMES = { PCO_TMUX_SESSION_SERVICE_HOST: 'HOST', PCO_TMUX_SESSION_SERVICE_PORT: 'PORT' };

/** Anything else, our token above all, stays here. TMUX_TMPDIR says where the sockets are (tmux(1)). */
const SESSION_ENV = /^(HOME|PATH|LANG|LC_[A-Z]+|SHELL|USER|LOGNAME|TERM|TMPDIR|TMUX_TMPDIR|TZ)$/;

type Variables = Readonly<Record<string, string | undefined>>;

/** @throws AppError CONFIG_INVALID naming every fault */
export function readConfig(variables: Variables, cwd: string): Config {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  for (const [name, short] of Object.entries(SHORT_NAMES)) given[name] ??= given[short];
  const fileFaults = readTokenFiles(given, cwd);
  const { data: env, error } = Environment.safeParse(given);
  const faults = [
    ...fileFaults,
    ...(error?.issues.map(({ path, message }) => `${path[0]?.toString()}: ${message}`) ?? []),
  ];
  const host = given.PCO_TMUX_SESSION_SERVICE_HOST ?? '127.0.0.1';
  if (!isLoopback(host) && given.PCO_TMUX_SESSION_SERVICE_TOKEN === undefined)
    faults.push(
      `PCO_TMUX_SESSION_SERVICE_HOST: ${host} is not loopback, so everybody who reaches it would have a shell here; ` +
        'set PCO_TMUX_SESSION_SERVICE_TOKEN or listen on 127.0.0.1',
    );
  if (given.PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN !== undefined && given.PCO_TMUX_SESSION_SERVICE_TOKEN === undefined)
    faults.push(
      'PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN: without PCO_TMUX_SESSION_SERVICE_TOKEN everybody may do everything',
    );
  if ((env?.PCO_TMUX_SESSION_SERVICE_ACCOUNTS ?? 'off') !== 'off' && given.PCO_TMUX_SESSION_SERVICE_TOKEN === undefined)
    faults.push('PCO_TMUX_SESSION_SERVICE_ACCOUNTS: without PCO_TMUX_SESSION_SERVICE_TOKEN nobody needs an account');
  if (env === undefined || faults.length > 0)
    throw new AppError('CONFIG_INVALID', { why: `\n${faults.map((fault) => `  - ${fault}`).join('\n')}`, faults });
  return {
    host,
    port: env.PCO_TMUX_SESSION_SERVICE_PORT,
    token: env.PCO_TMUX_SESSION_SERVICE_TOKEN,
    viewToken: env.PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN,
    accounts: env.PCO_TMUX_SESSION_SERVICE_ACCOUNTS,
    tmuxBin: env.TMUX_BIN,
    tmuxSocket: env.PCO_TMUX_SOCKET,
    shell: env.SHELL_CMD ?? env.SHELL,
    home: env.HOME,
    dataDir: resolve(cwd, env.DATA_DIR),
    recordings: {
      maxBytes: env.PCO_TMUX_SESSION_SERVICE_RECORDING_MB * MEGABYTE,
      maxTotalBytes: env.PCO_TMUX_SESSION_SERVICE_RECORDINGS_TOTAL_MB * MEGABYTE,
      maxAgeMs: env.PCO_TMUX_SESSION_SERVICE_RECORDING_DAYS * DAY_MS,
    },
    allowedOrigins: env.PCO_ALLOWED_ORIGINS,
    tracesTo: env.PCO_TRACING_OTLP_ENDPOINT,
    logLevel: env.PCO_LOGGING_LEVEL,
    sessionEnv: sessionEnv(given, env),
  };
}

/** Puts what token files hold in place of their variables. @returns faults */
function readTokenFiles(given: Record<string, string | undefined>, cwd: string): string[] {
  return ['PCO_TMUX_SESSION_SERVICE_TOKEN', 'PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN'].flatMap((name) => {
    const file = given[`${name}_FILE`];
    if (file === undefined) return [];
    if (given[name] !== undefined) return [`${name}_FILE: ${name} is set too; leave one of them out`];
    const path = resolve(cwd, file);
    try {
      given[name] = readFileSync(path, 'utf8').trim();
      return given[name] === '' ? [`${name}_FILE: ${path} is empty`] : [];
    } catch {
      return [`${name}_FILE: ${path} cannot be read`];
    }
  });
}

function sessionEnv(given: Variables, { HOME, PATH }: { HOME: string; PATH: string }): Config['sessionEnv'] {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && SESSION_ENV.test(name)) passed[name] = value;
  const saysEncoding = ['LANG', 'LC_ALL', 'LC_CTYPE'].some((name) => name in passed);
  return { ...passed, ...(saysEncoding ? {} : { LANG: 'C.UTF-8' }), HOME, PATH };
}
