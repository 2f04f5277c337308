import { AppError } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { pause } from '@pco/shared/time';
import { CommandRefused, type Connection, ConnectionLost, connect, NoServer } from './control-client.ts';
import type { Metrics } from './metrics.ts';
import { endStaleClients } from './stale-clients.ts';

/** A control client has to be attached to something: this session never shows up anywhere. */
export const CONTROL_SESSION = '_pco-control';
/** What attach clients are told about the viewer's terminal. */
export const VIEWER_TERM = 'xterm-256color';
/** `default` is the user's own server: no -L, and none of our global options. */
const USERS_SOCKET = 'default';
/** While a server goes down, the connection that replaces a lost one may be lost as well. */
const MAX_ATTEMPTS = 4;
/** What is left of it then has gone. */
const DYING_MS = 50;
/** A connection that did not even live this long is not asked for again before somebody needs it. */
const MIN_LIFE_MS = 250;

const SERVER_OPTIONS = [
  ['set-option', '-s', 'exit-empty', 'off'],
  ['set-option', '-s', 'escape-time', '10'], // ms; the default of 500 delays every Escape key
  ['set-option', '-s', 'terminal-features[100]', `${VIEWER_TERM}:RGB`],
  ['set-option', '-g', 'history-limit', '10000'],
];

export interface LinkOptions {
  readonly bin: string;
  readonly socket: string;
  /** Whether a server may be started at all; otherwise only one that runs is joined. */
  readonly startsServer: boolean;
  /** The whole environment of our clients, of the server they start and so of every session. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Called when a session began, ended or was renamed, by whomever, and when the connection was lost. */
  readonly onChange: () => void;
}
export interface RunOptions {
  /** Starts the tmux server if none runs. */
  readonly mayStart?: boolean;
  /** Whether the commands do no harm when they run twice. */
  readonly repeatable?: boolean;
}
export type TmuxLink = ReturnType<typeof createTmuxLink>;

/** The way to one tmux server, over one control client that is replaced whenever it, or the server, has died. */
export function createTmuxLink({ bin, socket, startsServer, env, log, metrics, onChange }: LinkOptions) {
  const isOwnServer = socket !== USERS_SOCKET;
  const serverArgs = isOwnServer ? ['-L', socket, '-f', '/dev/null'] : [];
  let connection: Connection | undefined;
  let opening: Promise<Connection> | undefined;
  let isStopped = false;

  const open = async (mayStart: boolean): Promise<Connection> => {
    const hidden = ['new-session', '-A', '-s', CONTROL_SESSION, '-f', 'no-output,ignore-size', '-x', '20', '-y', '4'];
    const openedAt = performance.now();
    connection = await connect({
      bin,
      // two words for `cat`: tmux would hand a single one to a shell
      args: ['-u', ...(mayStart && startsServer ? [] : ['-N']), ...serverArgs, '-C', ...hidden, '--', 'cat', '-'],
      env,
      onNotification: (line) => {
        if (line.startsWith('%sessions-changed')) onChange();
      },
      onClose: () => {
        if (!isStopped && performance.now() - openedAt > MIN_LIFE_MS) onChange();
      },
    });
    log.debug({ socket }, 'connected to tmux');
    if (isOwnServer)
      await connection.run(SERVER_OPTIONS).catch((err) => {
        if (!(err instanceof CommandRefused)) throw err;
        log.warn({ err }, 'tmux refused one of our options');
      });
    await endStaleClients(connection, CONTROL_SESSION, log);
    return connection;
  };

  const connected = async (mayStart: boolean): Promise<Connection> => {
    for (;;) {
      if (isStopped) throw new AppError('TMUX_UNAVAILABLE', { why: 'the service stops' });
      if (connection && !connection.closed) return connection;
      const isMine = opening === undefined;
      opening ??= open(mayStart).finally(() => {
        opening = undefined;
      });
      try {
        return await opening;
      } catch (err) {
        // Somebody else asked who did not want a server started: ask again.
        if (!(err instanceof NoServer && mayStart && !isMine)) throw err;
      }
    }
  };

  const attempt = async (commands: readonly string[][], { mayStart = false, repeatable = true }: RunOptions) => {
    for (let count = 1; ; count++) {
      try {
        return await (await connected(mayStart)).run(commands);
      } catch (err) {
        if (err instanceof NoServer && !mayStart) return undefined;
        const isLost = err instanceof ConnectionLost;
        if (isLost && count < MAX_ATTEMPTS && (repeatable || !err.sent)) {
          if (count > 1) await pause(DYING_MS);
          continue;
        }
        if (isLost || err instanceof NoServer)
          throw new AppError('TMUX_UNAVAILABLE', { why: err.message }, { cause: err });
        throw err;
      }
    }
  };

  return {
    /** The arguments that lead a client to this server. */
    serverArgs,

    /**
     * Runs commands in one go and gives their outputs, or undefined when there is no server. When the connection is
     * lost it tries again, but what is not repeatable only if tmux cannot have seen it.
     */
    async run(commands: readonly string[][], options: RunOptions = {}): Promise<string[] | undefined> {
      const stop = metrics.tmuxDuration.startTimer({ command: commands[0]?.[0] ?? 'none' });
      try {
        return await attempt(commands, options);
      } finally {
        stop();
      }
    },

    async [Symbol.asyncDispose](): Promise<void> {
      isStopped = true;
      await opening?.catch(() => {}); // whoever waits for it hears of its failure
      await connection?.[Symbol.asyncDispose]();
    },
  };
}
