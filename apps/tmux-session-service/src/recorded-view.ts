import { isCode } from '@pco/shared/errors';
import { SECOND_MS } from '@pco/shared/time';
import { createOutput } from './output.ts';
import type { SharedLog } from './output-logs.ts';
import { paint } from './painting.ts';
import { createTerminalFilter, type TerminalFilter } from './terminal-filter.ts';
import type { ResetReason } from './terminal-frames.ts';
import type { Tmux } from './tmux.ts';
import { CLOSE, type View, type Viewport } from './viewport.ts';

/** A flood has paused, or the program has redrawn itself, when this long nothing came. */
const SETTLED_MS = 100;
const SETTLE_LOOK_MS = SECOND_MS / 8;

export interface RecordedViewOptions {
  readonly id: string;
  readonly tmux: Tmux;
  readonly shared: SharedLog;
  /** The number up to which the browser has everything. */
  readonly from: number | undefined;
  readonly viewport: Viewport;
  /** Whether the session still lives; asked when its recording ends. */
  readonly isAlive: () => Promise<boolean>;
}

/**
 * A session of ours on its way to one browser, by the numbers of its bytes: painting → following ⇄ waiting for the
 * network → ended. A browser that does not keep up reads later, from disk, at its own place; nothing is kept for it.
 */
export class RecordedView implements View {
  readonly #options: RecordedViewOptions;
  readonly #output: ReturnType<typeof createOutput>;
  readonly #stopListening: () => void;
  #filter: TerminalFilter = createTerminalFilter();
  /** The next byte to read. */
  #next = 0;
  #isPumping = false;
  #isAsked = false;
  #isPaused = true;
  #isStopped = false;
  #typing = '';
  #isTyping = false;
  #settleTimer: NodeJS.Timeout | undefined;

  constructor(options: RecordedViewOptions) {
    this.#options = options;
    const { viewport, shared } = options;
    this.#output = createOutput({
      // every byte before this number has gone out, or never will
      send: (payload, sent) => viewport.send({ type: 'data', payload, seq: this.#decided }, sent),
      bufferedBytes: viewport.bufferedBytes,
      pause: () => {
        this.#isPaused = true;
      },
      resume: () => this.#resume(),
    });
    this.#stopListening = shared.output.listen(() => this.#pump());
  }

  async start(): Promise<void> {
    const { from, shared } = this.#options;
    if (from === undefined) return this.#paint('joined');
    shared.output.advance();
    if ((await shared.output.read(from)) === undefined) return this.#paint('lost');
    this.#next = from;
    this.#resume();
  }

  /** Keys that come while others are on their way go together. */
  type(text: string): void {
    this.#typing += text;
    if (!this.#isTyping) void this.#typeAll();
  }

  resized(): void {
    this.#settle('resized');
  }

  [Symbol.dispose](): void {
    this.#isStopped = true;
    this.#stopListening();
    clearInterval(this.#settleTimer);
    this.#output.stop();
    this.#options.shared[Symbol.dispose]();
  }

  get #decided(): number {
    return this.#next - this.#filter.pendingBytes;
  }

  #resume(): void {
    this.#isPaused = false;
    this.#pump();
  }

  #pump(): void {
    this.#isAsked = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#pumpAll()
      .catch((err) => this.#fail(err))
      .finally(() => {
        this.#isPumping = false;
      });
  }

  async #pumpAll(): Promise<void> {
    const { output } = this.#options.shared;
    while (this.#isAsked) {
      this.#isAsked = false;
      while (!this.#isPaused && !this.#isStopped) {
        const found = output.read(this.#next);
        const bytes = found instanceof Promise ? await found : found;
        if (this.#isStopped || this.#isPaused) break; // painted meanwhile: those bytes are of another place
        if (bytes === undefined) await this.#paint('lost');
        else if (bytes.length > 0) this.#take(bytes);
        else if (output.isOver) return this.#end();
        else break;
      }
    }
  }

  #take(bytes: Buffer): void {
    this.#next += bytes.length;
    const text = this.#filter.push(bytes);
    if (text !== '') this.#output.write(text);
  }

  /** Sends the screen instead of what led to it, and follows from there. */
  async #paint(reason: ResetReason): Promise<void> {
    this.#isPaused = true;
    const { tmux, shared, id, viewport } = this.#options;
    const painting = await paint(tmux, shared.output, id).catch((err) => {
      if (isCode(err, 'SESSION_NOT_FOUND')) return undefined;
      throw err;
    });
    if (this.#isStopped) return;
    if (painting === undefined) return this.#gone(reason);
    const { text, seq, isExact } = painting;
    this.#output.flush();
    this.#filter = createTerminalFilter();
    this.#next = seq;
    viewport.send({ type: 'reset', seq, reason });
    viewport.send({ type: 'data', payload: text, seq });
    if (!isExact) this.#settle('settled');
    this.#resume();
  }

  /** The session ended meanwhile: whoever follows still gets the rest, whoever has no picture never will. */
  async #gone(reason: ResetReason): Promise<void> {
    const hasPicture = reason === 'settled' || reason === 'resized';
    if (hasPicture) this.#resume();
    else await this.#end();
  }

  /** Paints once more when the output has come to rest. */
  #settle(reason: ResetReason): void {
    clearInterval(this.#settleTimer);
    this.#settleTimer = setInterval(() => {
      if (this.#options.shared.output.quietMs < SETTLED_MS || this.#isPaused) return;
      clearInterval(this.#settleTimer);
      this.#paint(reason).catch((err) => this.#fail(err));
    }, SETTLE_LOOK_MS);
  }

  async #typeAll(): Promise<void> {
    const { tmux, id, viewport } = this.#options;
    this.#isTyping = true;
    try {
      while (this.#typing !== '') {
        const text = this.#typing;
        this.#typing = '';
        await tmux.typeRaw(id, Buffer.from(text));
      }
    } catch (err) {
      viewport.log.debug({ err }, 'keys could not be typed');
    } finally {
      this.#isTyping = false;
    }
  }

  async #end(): Promise<void> {
    const { viewport, isAlive } = this.#options;
    const alive = await isAlive();
    this.#output.flush();
    if (alive)
      viewport.end({ type: 'error', message: 'the recording of this session ended; connect again' }, CLOSE.failed);
    else viewport.end({ type: 'exit', exitCode: null, signal: null }, CLOSE.normal); // tmux has forgotten it with the session
  }

  #fail(err: unknown): void {
    if (this.#isStopped) return;
    this.#options.viewport.log.debug({ err }, 'terminal failed');
    this.#options.viewport.end(
      { type: 'error', message: 'the session could not be shown; connect again' },
      CLOSE.failed,
    );
  }
}
