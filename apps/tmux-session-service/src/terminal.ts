import { AppError, messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { closeReason } from '@pco/shared/service';
import { parseSessionId, type SessionRecord } from './session-record.ts';
import type { Sessions } from './sessions.ts';
import { type Access, parseClientFrame, type ServerFrame } from './terminal-frames.ts';
import type { ClientSocket, TerminalSockets } from './terminal-sockets.ts';
import type { Tmux } from './tmux.ts';
import type { ViewOf } from './view-of.ts';
import { CLOSE, type View, type Viewport } from './viewport.ts';
import { type Controller, createWindowControl, type WindowControl, type WindowSize } from './window-control.ts';

/** What may be typed before the terminal is attached; more than that is no keyboard. */
const MAX_EARLY_INPUT_CHARS = 64 * 1024;

export interface TerminalRequest {
  readonly id: string;
  readonly create: boolean;
  /** What the caller may do at most. */
  readonly allowed: Access;
  /** What the caller wants to do. */
  readonly mode?: Access | undefined;
  /** Whose the session becomes that is created. */
  readonly owner?: string | undefined;
  readonly projectId?: string | undefined;
  readonly cols?: number | undefined;
  readonly rows?: number | undefined;
  /** The number up to which the caller has everything, and the recording that it counts. */
  readonly from?: number | undefined;
  readonly recording?: string | undefined;
}
export interface TerminalsOptions {
  readonly tmux: Tmux;
  readonly sessions: Sessions;
  readonly viewOf: ViewOf;
  /** Remembers the size of a window for its recording. */
  readonly noteSize: (recording: string, cols: number, rows: number) => Promise<void>;
  readonly sockets: TerminalSockets;
  readonly log: Logger;
}
export type Terminals = ReturnType<typeof createTerminals>;

export function createTerminals(options: TerminalsOptions) {
  const windows = createWindowControl();
  return {
    /** Takes over the socket; whatever goes wrong is told to the client, not to the caller. */
    open(socket: ClientSocket, request: TerminalRequest): void {
      const terminal = new Terminal(socket, request, windows, options);
      options.sockets.add(socket, () => terminal.close());
      void terminal.start();
    },
  };
}

interface Attached {
  readonly session: SessionRecord;
  readonly view: View;
  readonly controller: Controller;
}

/**
 * One terminal in a browser: opening → attached → closed. What the browser says while it opens is kept until it is
 * attached. Its end ends the view, never the session (B-162). Who may only look is not heard at all.
 */
class Terminal implements Viewport {
  readonly log: Logger;
  readonly #socket: ClientSocket;
  readonly #request: TerminalRequest;
  readonly #windows: WindowControl;
  readonly #options: TerminalsOptions;
  readonly #access: Access;
  /** What the browser said its size is, unless it has not. */
  #size: WindowSize | undefined;
  #early = '';
  #attached: Attached | undefined;
  #isStarted = false;
  #isClosed = false;

  constructor(socket: ClientSocket, request: TerminalRequest, windows: WindowControl, options: TerminalsOptions) {
    const { id, cols, rows, mode, allowed } = request;
    this.#socket = socket;
    this.#request = request;
    this.#windows = windows;
    this.#options = options;
    this.log = options.log.child({ sessionId: id.slice(0, 64) });
    this.#access = mode ?? allowed;
    if (cols !== undefined && rows !== undefined) this.#size = { cols, rows };
    socket.on('message', (data, isBinary) => this.#receive(isBinary ? '' : data.toString()));
    socket.on('error', (err) => this.log.debug({ err }, 'terminal socket failed'));
  }

  async start(): Promise<void> {
    try {
      const session = await this.#ensureSession();
      const { sessionId } = session;
      const { viewOf, tmux } = this.#options;
      const size = await tmux.windowSize(sessionId);
      const { from, recording } = this.#request;
      const canType = this.#access === 'control';
      const found = await viewOf(session, { size: this.#size ?? size, canType, from, recording, viewport: this });
      if (this.#isClosed) return found.view[Symbol.dispose]();
      this.send({ type: 'ready', sessionId, access: this.#access, recording: found.recording });
      this.#attach(session, found.view, size);
      await found.view.start();
      this.#isStarted = true;
      if (this.#early) found.view.type(this.#early);
      this.log.debug('terminal attached');
    } catch (err) {
      if (!(err instanceof AppError)) this.log.error({ err }, 'terminal could not be opened');
      this.end({ type: 'error', message: messageOf(err) }, closeCode(err));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#attached?.controller.leave();
    this.#attached?.view[Symbol.dispose]();
    this.#attached = undefined;
  }

  send(frame: ServerFrame, sent: () => void = () => {}): void {
    if (!this.#isClosed) this.#socket.send(JSON.stringify(frame), sent);
  }

  bufferedBytes = (): number => this.#socket.bufferedAmount;

  end(frame: ServerFrame, code: number): void {
    if (this.#isClosed) return;
    this.send(frame);
    this.close();
    this.#socket.close(code, frame.type === 'error' ? closeReason(frame.message) : '');
  }

  async #ensureSession(): Promise<SessionRecord> {
    const { id: text, create, projectId, owner, allowed, mode } = this.#request;
    const { sessions } = this.#options;
    const id = parseSessionId(text);
    if (allowed === 'view' && (mode === 'control' || create))
      throw new AppError('FORBIDDEN', { why: 'this token may only look' });
    if (create) return (await sessions.put(id, { projectId, owner, ...this.#size, source: 'web' })).session;
    const session = await sessions.get(id);
    if (!session.active) throw new AppError('SESSION_NOT_FOUND', { sessionId: id });
    return session;
  }

  #attach(session: SessionRecord, view: View, size: WindowSize): void {
    let { cols, rows } = size;
    const controller = this.#windows.join(session.sessionId, size, (state) => {
      this.send({ type: 'control', ...state });
      if (state.cols === cols && state.rows === rows) return;
      ({ cols, rows } = state);
      view.resized(state);
    });
    this.#attached = { session, view, controller };
    this.#fit();
  }

  #fit(): void {
    if (this.#access === 'view' || !this.#attached || !this.#size) return;
    const { session, controller, view } = this.#attached;
    // A session made by hand keeps to the rules of its own tmux; only our drawing of it has the browser's size.
    if (session.source === 'discovered') view.resized(this.#size);
    else if (controller.resize(this.#size)) this.#resizeWindow(session, this.#size);
  }

  #resizeWindow({ sessionId, recording }: SessionRecord, { cols, rows }: WindowSize): void {
    const { tmux, noteSize } = this.#options;
    const noted = recording === null ? undefined : noteSize(recording, cols, rows);
    Promise.all([tmux.resize(sessionId, cols, rows), noted]).catch((err) =>
      this.log.debug({ err }, 'window could not be resized'),
    );
  }

  #receive(text: string): void {
    const frame = this.#access === 'control' ? parseClientFrame(text) : undefined;
    if (frame?.type === 'resize') {
      this.#size = { cols: frame.cols, rows: frame.rows };
      this.#fit();
    } else if (frame?.type === 'control') {
      if (frame.action === 'release') this.#attached?.controller.release();
      else {
        this.#attached?.controller.take();
        this.#fit();
      }
    } else if (frame?.type === 'input') {
      if (this.#isStarted) this.#attached?.view.type(frame.payload);
      else this.#early = (this.#early + frame.payload).slice(0, MAX_EARLY_INPUT_CHARS);
    }
  }
}

function closeCode(err: unknown): number {
  if (!(err instanceof AppError)) return CLOSE.failed;
  if (err.code === 'SESSION_NOT_FOUND') return CLOSE.notFound;
  return err.status < 500 ? CLOSE.refused : CLOSE.failed;
}
