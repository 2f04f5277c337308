import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { readSections, type Config as SharedConfig, type Source, sectionOf } from '@pco/shared/config';
import { isLoopback } from '@pco/shared/service';
import { z } from 'zod';

/** What stands of us in the configuration of the whole product; the rest of it is neither judged nor kept. */
const SECTIONS = ['tmux_session_service', 'logging', 'tracing', 'data_dir'] as const;
type Sections = Pick<SharedConfig, (typeof SECTIONS)[number]>;

/** What only the environment says. */
export interface HostConfig {
  /** Whether people may have accounts, and who makes them. */
  readonly accounts: 'off' | 'closed' | 'open';
  readonly tmuxBin: string;
  /** Whether we start the tmux server where none runs; otherwise it is somebody else's, and sessions live where that runs. */
  readonly startsServer: boolean;
  readonly shell: string;
  readonly home: string;
  readonly allowedOrigins: readonly string[];
  /** All that tmux, and with it every session, gets of our environment. */
  readonly sessionEnv: Readonly<Record<string, string>> & { readonly PATH: string };
}

/** One object for the life of the process: what may change while it runs changes in it. */
export interface Config extends Sections {
  readonly host: HostConfig;
}

/** The variables, for --help; two names mean that the first one set wins. */
export const HELP = `Usage: node src/main.ts [--config FILE] [--set KEY=VALUE] [--check-config] [--help]

Keeps terminal sessions in tmux: HTTP for their life, WebSocket for their screens. Configured by a file, --config or
PCO_CONFIG or config.yaml, of which it reads the sections tmux_session_service, logging and tracing; and by the
environment, which wins:

  PCO_TMUX_SESSION_SERVICE_HOST, HOST    address to listen on (127.0.0.1); any other than loopback needs a token
  PCO_TMUX_SESSION_SERVICE_PORT, PORT    port (5001)
  PCO_TMUX_SESSION_SERVICE_TOKEN         bearer token that callers must send, at least 16 characters
  PCO_TMUX_SESSION_SERVICE_VIEW_TOKEN    bearer token of callers that may look at sessions and nothing else
  …_TOKEN_FILE, …_VIEW_TOKEN_FILE        files that hold them, in place of the variables
  PCO_TMUX_SESSION_SERVICE_ACCOUNTS      off: none (default); closed: the token registers people; open: everybody may
  PCO_ALLOWED_ORIGINS                    browser origins besides our own, separated by commas
  PCO_TMUX_SESSION_SERVICE_SOCKET, PCO_TMUX_SOCKET
                                         tmux server of its own name (pco); "default" is the user's own server
  PCO_TMUX_SERVER                        start: where no tmux server runs we start one (default); join: never, it is another
                                         container's, in which all sessions live
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

What it keeps of output (recording_mb for sessions that begin later) and the level of its log count as soon as the file
is saved, or on SIGHUP.
`;

const Environment = z.object({
  PCO_TMUX_SESSION_SERVICE_ACCOUNTS: z.enum(['off', 'closed', 'open']).default('off'),
  PCO_ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((origin) => origin.trim() || []))
    .pipe(z.array(z.string().regex(/^https?:\/\/[^/]+$/, 'must be origins such as https://pco.example.com'))),
  PCO_TMUX_SERVER: z.enum(['start', 'join']).default('start'),
  TMUX_BIN: z.string().default('tmux'),
  SHELL_CMD: z.string().optional(),
  SHELL: z.string().default('bash'),
  HOME: z.string().default(homedir()),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
  DATA_DIR: z.string().optional(),
});

/** An older, shorter name that counts when the full one is not set. */
const SHORT_NAMES = {
  PCO_TMUX_SESSION_SERVICE_HOST: 'HOST',
  PCO_TMUX_SESSION_SERVICE_PORT: 'PORT',
  PCO_TMUX_SESSION_SERVICE_SOCKET: 'PCO_TMUX_SOCKET',
};

/** Anything else, our token above all, stays here. TMUX_TMPDIR says where the sockets are (tmux(1)). */
const SESSION_ENV = /^(HOME|PATH|LANG|LC_[A-Z]+|SHELL|USER|LOGNAME|TERM|TMPDIR|TMUX_TMPDIR|TZ)$/;

/** @throws AppError CONFIG_INVALID naming every fault */
export function readConfig({ env: variables, argv, cwd }: Source): Config {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  for (const [name, short] of Object.entries(SHORT_NAMES)) given[name] ??= given[short];
  const own = Environment.safeParse(given).error?.issues.map(({ path, message }) => `${path.join()}: ${message}`);
  const sections = readSections({ env: given, argv, cwd }, SECTIONS, (tree) => [
    ...(own ?? []),
    ...openDoors(sectionOf(tree, 'tmux_session_service'), given.PCO_TMUX_SESSION_SERVICE_ACCOUNTS),
  ]);
  const env = Environment.parse(given); // what it has against it was thrown above
  return {
    ...sections,
    data_dir: resolve(cwd, env.DATA_DIR ?? resolve(sections.data_dir, 'tmux-session-service')),
    host: {
      accounts: env.PCO_TMUX_SESSION_SERVICE_ACCOUNTS,
      tmuxBin: env.TMUX_BIN,
      startsServer: env.PCO_TMUX_SERVER === 'start',
      shell: env.SHELL_CMD ?? env.SHELL,
      home: env.HOME,
      allowedOrigins: env.PCO_ALLOWED_ORIGINS,
      sessionEnv: sessionEnv(given, env),
    },
  };
}

/** Who would get in without having to show anything. */
function openDoors({ host, token, view_token }: Record<string, unknown>, accounts = 'off'): string[] {
  if (token !== undefined) return [];
  const isOpen = typeof host === 'string' && !isLoopback(host);
  return [
    ...(isOpen
      ? [
          `tmux_session_service.host: ${host} is not loopback, so everybody who reaches it would have a shell here; ` +
            'set tmux_session_service.token or listen on 127.0.0.1',
        ]
      : []),
    ...(view_token !== undefined
      ? ['tmux_session_service.view_token: without tmux_session_service.token everybody may do everything']
      : []),
    ...(accounts !== 'off'
      ? ['PCO_TMUX_SESSION_SERVICE_ACCOUNTS: without tmux_session_service.token nobody needs an account']
      : []),
  ];
}

function sessionEnv(given: Source['env'], { HOME, PATH }: { HOME: string; PATH: string }): HostConfig['sessionEnv'] {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && SESSION_ENV.test(name)) passed[name] = value;
  const saysEncoding = ['LANG', 'LC_ALL', 'LC_CTYPE'].some((name) => name in passed);
  return { ...passed, ...(saysEncoding ? {} : { LANG: 'C.UTF-8' }), HOME, PATH };
}
