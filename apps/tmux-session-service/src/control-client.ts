import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { AppError, messageOf } from '@pco/shared/errors';
import { SECOND_MS } from '@pco/shared/time';
import { type Block, createControlParser } from './control-protocol.ts';
import { commandLine } from './quote.ts';

/** Commands take about a millisecond; where none was answered for so long, none will be. Many may wait their turn longer. */
const COMMAND_TIMEOUT_MS = 5 * SECOND_MS;
const CONNECT_TIMEOUT_MS = 5 * SECOND_MS;
const CLOSE_TIMEOUT_MS = SECOND_MS;
/** tmux has no error codes, only these words. */
const NO_SERVER = /no server running|error connecting to .*(No such file or directory|Connection refused)/;
/** Its socket still took the connection. */
const DYING_SERVER = /server exited|lost server/;

/** tmux understood the command and refused it; `message` is its own text. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}
/** There is no tmux server, and the arguments did not allow to start one. */
export class NoServer extends Error {
  override readonly name = 'NoServer';
}
/** The connection ended before the answer came: whether a command that was `sent` ran is unknown. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly sent: boolean;
  constructor(message: string, sent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.sent = sent;
  }
}

export interface Connection extends AsyncDisposable {
  readonly closed: boolean;
  /** Of the tmux client. */
  readonly pid: number | undefined;
  /** Runs commands in one go and gives the output of each. */
  run(commands: readonly (readonly string[])[]): Promise<string[]>;
}

export interface ConnectOptions {
  readonly bin: string;
  /** Everything after the program name; has to attach in control mode. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly onNotification: (line: string) => void;
  /** The client has ended, whoever wished it. */
  readonly onClose?: () => void;
  readonly commandTimeoutMs?: number;
}

interface Request {
  readonly expected: number;
  readonly outputs: string[];
  readonly settle: (err: Error | undefined) => void;
}

/**
 * One control-mode client: connecting → open → closed, never open again. Answers come in the order of the requests,
 * one block per command, so a request that is not answered in time makes the whole connection useless: it is closed.
 *
 * @throws NoServer, ConnectionLost, AppError TMUX_UNAVAILABLE
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  // cwd: the server inherits it and would keep ours from being removed or unmounted
  const child = spawn(options.bin, options.args, { cwd: '/', env: options.env });
  const connection = new ControlConnection(child, options);
  try {
    await connection.opened;
    return connection;
  } catch (err) {
    if (NO_SERVER.test(messageOf(err))) throw new NoServer(messageOf(err), { cause: err });
    if (DYING_SERVER.test(messageOf(err))) throw new ConnectionLost(messageOf(err), false, { cause: err });
    throw new AppError('TMUX_UNAVAILABLE', { why: messageOf(err) }, { cause: err });
  }
}

class ControlConnection implements Connection {
  closed = false;
  readonly opened: Promise<void>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #commandTimeoutMs: number;
  readonly #requests: Request[] = [];
  readonly #exited = Promise.withResolvers<void>();
  readonly #opening = Promise.withResolvers<void>();
  readonly #onClose: () => void;
  #isOpen = false;
  #answerTimer: NodeJS.Timeout | undefined;
  #stderr = '';

  constructor(child: ChildProcessWithoutNullStreams, { onNotification, onClose, commandTimeoutMs }: ConnectOptions) {
    this.#child = child;
    this.#onClose = onClose ?? (() => {});
    this.#commandTimeoutMs = commandTimeoutMs ?? COMMAND_TIMEOUT_MS;
    this.opened = this.#opening.promise;
    const timer = setTimeout(() => this.#fail(new Error('tmux does not answer')), CONNECT_TIMEOUT_MS);
    this.opened.finally(() => clearTimeout(timer)).catch(() => {}); // the caller of connect() hears of the failure
    child.stdout.on('data', createControlParser({ onBlock: (block) => this.#answer(block), onNotification }));
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = `${this.#stderr}${chunk}`.slice(-1_000);
    });
    child.stdin.on('error', (err) => this.#fail(err));
    child.on('error', (err) => this.#end(err)); // could not be spawned; then no 'close' follows
    child.on('close', (code) => this.#end(new Error(this.#stderr.trim() || `tmux client exited with ${code}`)));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  run(commands: readonly (readonly string[])[]): Promise<string[]> {
    if (this.closed) return Promise.reject(new ConnectionLost('the connection to tmux is closed', false));
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    const outputs: string[] = [];
    const settle = (err: Error | undefined) => {
      if (err) reject(err);
      else resolve(outputs);
    };
    this.#requests.push({ expected: commands.length, outputs, settle });
    if (this.#requests.length === 1) this.#awaitAnswer();
    this.#child.stdin.write(`${commandLine(commands)}\n`);
    return promise;
  }

  /** Detaches; the tmux server and its sessions stay. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
    await this.#exited.promise;
    clearTimeout(timer);
  }

  #answer(block: Block): void {
    const request = this.#requests[0];
    if (!this.#isOpen) this.#answerOpening(block);
    if (!block.asked || request === undefined) return;
    if (block.ok) request.outputs.push(block.text);
    if (block.ok && request.outputs.length < request.expected) return;
    this.#requests.shift();
    this.#awaitAnswer();
    request.settle(block.ok ? undefined : new CommandRefused(block.text));
  }

  /** The first block answers the command on the client's command line, which attaches. */
  #answerOpening({ ok, text }: Block): void {
    this.#isOpen = ok;
    if (ok) this.#opening.resolve();
    else this.#fail(new Error(text));
  }

  #awaitAnswer(): void {
    clearTimeout(this.#answerTimer);
    if (this.#requests.length === 0) return;
    this.#answerTimer = setTimeout(() => {
      this.#fail(new AppError('TMUX_UNAVAILABLE', { why: 'it did not answer in time' }));
    }, this.#commandTimeoutMs);
  }

  #fail(err: Error): void {
    this.#close(err);
    this.#child.kill('SIGKILL');
  }

  #end(err: Error): void {
    this.#close(err);
    this.#exited.resolve();
    this.#onClose();
  }

  #close(err: Error): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.#answerTimer);
    this.#opening.reject(err);
    const lost = err instanceof AppError ? err : new ConnectionLost(err.message, true, { cause: err });
    for (const { settle } of this.#requests.splice(0)) settle(lost);
  }
}
