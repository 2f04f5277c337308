import { spawn } from '@lydell/node-pty';
import { AppError, messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { SECOND_MS } from '@pco/shared/time';
import { keepAlive } from './keep-alive.ts';
import type { Metrics } from './metrics.ts';
import { createOutput } from './output.ts';
import { parseSessionId, type SessionRecord } from './session-record.ts';
import type { Sessions } from './sessions.ts';
import { parseClientFrame, type ServerFrame } from './terminal-frames.ts';
import type { Tmux } from './tmux.ts';
import { createViewerSizes, type ViewerSize, type ViewerSizes } from './viewer-sizes.ts';

const PING_PERIOD_MS = 30 * SECOND_MS;
const DEFAULT_SIZE = { cols: 80, rows: 24 };
/** What may be typed before the terminal is attached; more than that is no keyboard. */
const MAX_EARLY_INPUT_CHARS = 64 * 1024;
const CLOSE = { normal: 1000, refused: 1008, failed: 1011, notFound: 4404 };

/** What we use of a `ws` socket. */
export interface ClientSocket {
  readonly bufferedAmount: number;
  send(text: string, sent: () => void): void;
  close(code: number): void;
  terminate(): void;
  ping(): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'close' | 'pong', listener: () => void): unknown;
  on(event: 'error', listener: (err: Error) => void): unknown;
}
export interface TerminalRequest {
  readonly id: string;
  readonly create: boolean;
  readonly projectId?: string | undefined;
  readonly cols?: number | undefined;
  readonly rows?: number | undefined;
}
export interface TerminalsOptions {
  readonly tmux: Tmux;
  readonly sessions: Sessions;
  /** Where attach clients run; it does not matter to the session. */
  readonly home: string;
  readonly metrics: Metrics;
  readonly log: Logger;
}
export type Terminals = ReturnType<typeof createTerminals>;

export function createTerminals(options: TerminalsOptions) {
  const sizes = createViewerSizes();
  return {
    /** Takes over the socket; whatever goes wrong is told to the client, not to the caller. */
    open(socket: ClientSocket, request: TerminalRequest): void {
      const { metrics } = options;
      const terminal = new Terminal(socket, request, sizes, options);
      const stopPings = keepAlive(socket, PING_PERIOD_MS);
      metrics.terminals.inc();
      socket.on('close', () => {
        metrics.terminals.dec();
        stopPings();
        terminal.close();
      });
      void terminal.start();
    },
  };
}

interface Attached {
  type(text: string): void;
  fit(): void;
  detach(): void;
}

/**
 * One terminal in a browser: opening → attached → closed. What the browser says while it opens is kept until it is
 * attached. Its end ends the attach client, never the session (B-162).
 */
class Terminal {
  readonly #socket: ClientSocket;
  readonly #request: TerminalRequest;
  readonly #sizes: ViewerSizes;
  readonly #options: TerminalsOptions;
  readonly #log: Logger;
  #size: ViewerSize;
  /** Whether the browser has said its size: only then the window follows it. */
  #isSized: boolean;
  #early = '';
  #attached: Attached | undefined;
  #isClosed = false;

  constructor(socket: ClientSocket, request: TerminalRequest, sizes: ViewerSizes, options: TerminalsOptions) {
    const { cols, rows } = request;
    this.#socket = socket;
    this.#request = request;
    this.#sizes = sizes;
    this.#options = options;
    this.#log = options.log.child({ sessionId: request.id.slice(0, 64) });
    this.#size = { cols: cols ?? DEFAULT_SIZE.cols, rows: rows ?? DEFAULT_SIZE.rows };
    this.#isSized = cols !== undefined || rows !== undefined;
    socket.on('message', (data, isBinary) => this.#receive(isBinary ? '' : data.toString()));
    socket.on('error', (err) => this.#log.debug({ err }, 'terminal socket failed'));
  }

  async start(): Promise<void> {
    try {
      const session = await this.#ensureSession();
      if (this.#isClosed) return;
      this.#attached = this.#attach(session);
      this.#send({ type: 'ready', sessionId: session.sessionId });
      if (this.#isSized) this.#attached.fit();
      if (this.#early) this.#attached.type(this.#early);
      this.#log.debug('terminal attached');
    } catch (err) {
      if (!(err instanceof AppError)) this.#log.error({ err }, 'terminal could not be opened');
      this.#send({ type: 'error', message: messageOf(err) });
      this.#socket.close(closeCode(err));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#attached?.detach();
  }

  async #ensureSession(): Promise<SessionRecord> {
    const { id: text, create, projectId, cols, rows } = this.#request;
    const { sessions } = this.#options;
    const id = parseSessionId(text);
    if (create) return (await sessions.put(id, { projectId, cols, rows, source: 'web' })).session;
    const session = await sessions.get(id);
    if (!session.active) throw new AppError('SESSION_NOT_FOUND', { sessionId: id });
    return session;
  }

  #attach({ sessionId: id, source }: SessionRecord): Attached {
    const { tmux, home } = this.#options;
    const { file, args, env, term } = tmux.attachment(id);
    const pty = spawn(file, args, { name: term, ...this.#size, cwd: home, env });
    const viewer = this.#sizes.join(id);
    const output = createOutput({
      send: (payload, sent) => this.#send({ type: 'data', payload }, sent),
      bufferedBytes: () => this.#socket.bufferedAmount,
      pause: () => pty.pause(),
      resume: () => pty.resume(),
    });
    let hasExited = false;
    pty.onData((text) => output.write(text));
    pty.onExit(({ exitCode, signal }) => {
      hasExited = true;
      output.flush();
      this.#send({ type: 'exit', exitCode, signal: signal || null });
      this.#socket.close(CLOSE.normal);
    });
    return {
      type: (text) => {
        if (!hasExited) pty.write(text);
      },
      fit: () => {
        if (hasExited) return;
        pty.resize(this.#size.cols, this.#size.rows);
        // A session made by hand keeps to the rules of its own tmux.
        if (source === 'discovered') return;
        const { cols, rows } = viewer.resize(this.#size);
        tmux.resize(id, cols, rows).catch((err) => this.#log.debug({ err }, 'window could not be resized'));
      },
      detach: () => {
        output.stop();
        viewer.leave();
        if (!hasExited) pty.kill();
      },
    };
  }

  #receive(text: string): void {
    const frame = parseClientFrame(text);
    if (frame?.type === 'resize') {
      this.#size = { cols: frame.cols, rows: frame.rows };
      this.#isSized = true;
      this.#attached?.fit();
    } else if (frame?.type === 'input') {
      if (this.#attached) this.#attached.type(frame.payload);
      else this.#early = (this.#early + frame.payload).slice(0, MAX_EARLY_INPUT_CHARS);
    }
  }

  #send(frame: ServerFrame, sent: () => void = () => {}): void {
    if (!this.#isClosed) this.#socket.send(JSON.stringify(frame), sent);
  }
}

function closeCode(err: unknown): number {
  if (!(err instanceof AppError)) return CLOSE.failed;
  if (err.code === 'SESSION_NOT_FOUND') return CLOSE.notFound;
  return err.status < 500 ? CLOSE.refused : CLOSE.failed;
}
