import type { ReplayFrame } from '@pco/shared/contracts/http';
import { AppError, messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { closeReason } from '@pco/shared/service';
import { iso, MINUTE_MS, pause, SECOND_MS } from '@pco/shared/time';
import type { OutputLogs, SharedLog } from './output-logs.ts';
import type { Recordings } from './recordings.ts';
import { createReplayClock } from './replay-clock.ts';
import { parseReplayCommand, type ReplayState } from './replay-frames.ts';
import type { ClientSocket, TerminalSockets } from './terminal-sockets.ts';
import type { Moment } from './timeline.ts';
import { CLOSE } from './viewport.ts';

/** What comes within this time is shown together, as in a terminal. */
const COALESCE_MS = 16;
const FRAME_CHARS = 128 * 1024;
/** A browser that is so far behind is given no more until it has caught up. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** Whoever follows a session as it runs sees what it prints so often. */
const LIVE_PERIOD_MS = 100;
const RESET_TERMINAL = '\u001bc';

export interface ReplayRequest {
  /** Of a recording that the caller may see; undefined: there is none. */
  readonly recording: string | undefined;
  readonly atMs: number;
  readonly speed: number;
}
export interface ReplaysOptions {
  readonly recordings: Recordings;
  readonly logs: OutputLogs;
  readonly sockets: TerminalSockets;
  readonly log: Logger;
}
export type Replays = ReturnType<typeof createReplays>;

export const createReplays = (options: ReplaysOptions) => ({
  /** Takes over the socket; whatever goes wrong is told to the client, not to the caller. */
  open(socket: ClientSocket, request: ReplayRequest): void {
    const replay = new Replay(socket, request, options);
    options.sockets.add(socket, () => replay.close());
    void replay.run();
  },
});

/**
 * A recording in a browser: playing ⇄ paused, live where it has caught up with a session that runs, ended. Going back
 * shows everything from the beginning once more, as fast as the browser takes it: only a terminal knows what it shows.
 */
class Replay {
  readonly #socket: ClientSocket;
  readonly #request: ReplayRequest;
  readonly #options: ReplaysOptions;
  readonly #clock: ReturnType<typeof createReplayClock>;
  #state: 'running' | 'live' | 'ended' = 'running';
  #maxPauseMs = Number.POSITIVE_INFINITY;
  /** Ends one way through the recording: at its abort the next one begins, or nothing does. */
  #round = new AbortController();
  #changed = Promise.withResolvers<void>();
  /** What is asked for earlier waits, or the beginning would undo it. */
  readonly #begun = Promise.withResolvers<void>();
  #isClosed = false;
  /** How far it has been shown. */
  #shownMs = 0;
  #waiting = '';
  #startedAtMs = 0;
  #endedAtMs: number | undefined;
  #shared: SharedLog | undefined;
  #seenBytes = -1;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: ClientSocket, request: ReplayRequest, options: ReplaysOptions) {
    this.#socket = socket;
    this.#request = request;
    this.#options = options;
    this.#clock = createReplayClock(() => performance.now(), request.speed);
    socket.on('message', (data, isBinary) => {
      void this.#begun.promise.then(() => this.#receive(isBinary ? '' : data.toString()));
    });
    socket.on('error', (err) => options.log.debug({ err }, 'replay socket failed'));
  }

  async run(): Promise<void> {
    try {
      const { recording: name } = this.#request;
      if (name === undefined) throw new AppError('RECORDING_NOT_FOUND');
      const { sessionId, startedAtMs, ...size } = await this.#options.recordings.readMeta(name);
      this.#startedAtMs = startedAtMs;
      this.#endedAtMs = await this.#options.recordings.endOf(name);
      await this.#send({ type: 'ready', sessionId, recording: name, startedAt: iso(startedAtMs) });
      this.#clock.moveTo(Math.min(this.#request.atMs, this.#durationMs));
      this.#begun.resolve();
      this.#timer = setInterval(() => void (this.#clock.isPlaying && this.#tell()), SECOND_MS);
      while (!this.#isClosed) await this.#playThrough(name, size);
    } catch (err) {
      if (!this.#isClosed) this.#fail(err);
    }
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#round.abort();
    this.#shared?.[Symbol.dispose]();
  }

  async #playThrough(name: string, { cols, rows }: { cols: number; rows: number }): Promise<void> {
    this.#round = new AbortController();
    const { signal } = this.#round;
    this.#state = 'running';
    this.#shownMs = 0;
    this.#waiting = '';
    await this.#send({ type: 'control', holder: 'nobody', cols, rows });
    await this.#tell();
    for await (const moment of this.#options.recordings.moments(name, () => this.#more(name, signal))) {
      await this.#show(moment, signal);
      if (signal.aborted) break;
    }
    if (!signal.aborted) await this.#rest(name, signal);
    if (this.#isClosed) return;
    await this.#send({ type: 'reset', atMs: this.#clock.atMs, reason: 'seek' });
    await this.#send({ type: 'data', payload: RESET_TERMINAL, atMs: 0 });
  }

  /** At the end, until somebody goes back. */
  async #rest(name: string, signal: AbortSignal): Promise<void> {
    await this.#flush();
    this.#endedAtMs ??= (await this.#options.recordings.endOf(name)) ?? this.#startedAtMs + this.#shownMs;
    await this.#until(this.#durationMs, signal);
    if (signal.aborted) return;
    this.#state = 'ended';
    this.#clock.moveTo(this.#durationMs);
    await this.#tell();
    while (!signal.aborted) await pause(MINUTE_MS, signal);
  }

  async #show(moment: Moment, signal: AbortSignal): Promise<void> {
    if ('text' in moment && moment.text === '') {
      await this.#flush();
      this.#state = 'live';
      return this.#tell();
    }
    await this.#until(moment.atMs, signal);
    if (signal.aborted) return;
    this.#shownMs = Math.max(this.#shownMs, moment.atMs);
    if ('size' in moment) {
      await this.#flush();
      await this.#send({ type: 'control', holder: 'nobody', ...moment.size });
    } else {
      this.#waiting += moment.text;
      if (this.#waiting.length >= FRAME_CHARS) await this.#flush();
    }
  }

  /** Resolves when it is the turn of that time. */
  async #until(atMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#clock.msUntil(atMs) > COALESCE_MS) {
      await this.#flush();
      const isSkipped = this.#clock.isPlaying && atMs - this.#clock.atMs > this.#maxPauseMs;
      if (isSkipped) this.#clock.moveTo(atMs - this.#maxPauseMs);
      await Promise.race([pause(Math.min(this.#clock.msUntil(atMs), MINUTE_MS), signal), this.#changed.promise]);
    }
  }

  /** Resolves when the session has printed more; false when it never will. */
  async #more(name: string, signal: AbortSignal): Promise<boolean> {
    const { logs, recordings } = this.#options;
    this.#shared ??= logs.acquire(recordings.folder(name));
    const { output } = this.#shared;
    if (output.end === this.#seenBytes) {
      if (output.isOver) return false;
      const { promise, resolve } = Promise.withResolvers<void>();
      const stopListening = output.listen(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      stopListening();
      await pause(LIVE_PERIOD_MS, signal);
    }
    this.#seenBytes = output.end;
    if (this.#state === 'live') this.#state = 'running';
    return !signal.aborted;
  }

  #receive(text: string): void {
    const command = parseReplayCommand(text);
    if (command === undefined) return;
    if (command.type === 'seek') this.#seek(command.atMs);
    else if (command.type === 'pause') this.#clock.pause();
    else {
      this.#maxPauseMs = command.maxPauseMs ?? this.#maxPauseMs;
      this.#clock.play(command.speed);
      if (this.#state === 'ended') this.#seek(0);
    }
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
    void this.#tell();
  }

  #seek(atMs: number): void {
    const target = Math.min(atMs, this.#durationMs);
    this.#clock.moveTo(target);
    if (target < this.#shownMs) this.#round.abort();
  }

  get #durationMs(): number {
    return Math.max(0, (this.#endedAtMs ?? Date.now()) - this.#startedAtMs);
  }

  get #shownState(): ReplayState {
    if (!this.#clock.isPlaying) return 'paused';
    return this.#state === 'running' ? 'playing' : this.#state;
  }

  #tell(): Promise<void> {
    const durationMs = this.#durationMs;
    const atMs = Math.min(this.#clock.atMs, durationMs);
    return this.#send({ type: 'position', atMs, durationMs, state: this.#shownState, speed: this.#clock.speed });
  }

  async #flush(): Promise<void> {
    if (this.#waiting === '') return;
    const payload = this.#waiting;
    this.#waiting = '';
    await this.#send({ type: 'data', payload, atMs: this.#shownMs });
  }

  /** Resolves when there is room for more. */
  #send(frame: ReplayFrame): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#isClosed) return Promise.resolve();
    this.#socket.send(JSON.stringify(frame), resolve);
    return this.#socket.bufferedAmount > HIGH_WATER_BYTES ? promise : Promise.resolve();
  }

  #fail(err: unknown): void {
    if (!(err instanceof AppError)) this.#options.log.error({ err }, 'recording could not be played');
    const message = err instanceof AppError ? messageOf(err) : 'the recording could not be played';
    void this.#send({ type: 'error', message });
    this.#socket.close(err instanceof AppError ? CLOSE.notFound : CLOSE.failed, closeReason(message));
    this.close();
  }
}
