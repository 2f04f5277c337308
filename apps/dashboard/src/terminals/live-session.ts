import '../zod-without-eval.ts';

import type { TerminalCommand } from '@pco/shared/contracts/http';
import { TerminalFrame } from '@pco/shared/contracts/http/terminal-frames';
import { openLine, type Phase } from './line.ts';
import { createOutputQueue } from './output-queue.ts';
import type { Screen, Size } from './screen.ts';

/** Who falls so far behind hears no more until all of it is shown: the service reads on from disk, and nothing is lost. */
const MOST_WAITING_CHARS = 4 * 1024 * 1024;
/** Letters smaller than this cannot be read: then the window scrolls. */
const SMALLEST_FONT = 8;
const RESIZE_PAUSE_MS = 100;

export interface LiveState {
  readonly phase: Phase;
  readonly why?: string | undefined;
  /** Whether what is typed here reaches the session, and its window has our size. */
  readonly control: 'none' | 'asked' | 'held' | 'taken-away';
  /** Of the session's window. */
  readonly size?: Size | undefined;
}

export interface LiveOptions {
  readonly ticketId: string;
  readonly sessionId: string;
  readonly screen: Screen;
  /** What the screen has room in. */
  readonly frame: HTMLElement;
  readonly isThumbnail: boolean;
  font: number;
  isExpected(): boolean;
  changed(state: LiveState): void;
}

export interface LiveSession extends Disposable {
  takeControl(): void;
  release(): void;
  /** Keys, as a terminal sends them; nothing happens without control. */
  type(keys: string): void;
  /** Resolves when the session has shown something after it; false when it has not, or cannot be reached. */
  nextOutput(withinMs: number): Promise<boolean>;
  setFont(font: number): void;
}

/**
 * A session on a screen: what it prints, from where we were, however often the connection drops; and what is typed, while
 * we have control. A viewer's connection is one that the service does not listen to: control is a connection of its own.
 */
export function openLiveSession(options: LiveOptions): LiveSession {
  const { ticketId, sessionId, screen, frame, isThumbnail, isExpected, changed } = options;
  let { font } = options;
  let state: LiveState = { phase: 'connecting', control: 'none' };
  let seq: number | undefined;
  let recording: string | undefined;
  /** On this connection: whether control has to be taken from whoever has it, and whether we had it. */
  let isTaking = false;
  let hasHeld = false;
  let isHeldBack = false;
  /** Typed while we were held back: who stops a flood does not want to see the rest of it first. */
  let early = '';
  let waiters: (() => void)[] = [];

  const set = (change: Partial<LiveState>) => {
    state = { ...state, ...change };
    screen.term.options.disableStdin = state.control !== 'held' || state.phase !== 'live';
    changed(state);
  };
  const fit = () => {
    if (state.control === 'held') {
      const room = screen.proposed(font);
      if (room) tell({ type: 'resize', ...room });
    } else if (state.size) screen.show(state.size, font, isThumbnail ? 1 : SMALLEST_FONT);
  };
  const queue = createOutputQueue(
    (text, done) => screen.term.write(text, done),
    () => {
      if (!isHeldBack) return;
      isHeldBack = false;
      line.reopen();
    },
  );
  const tell = (command: TerminalCommand) => line.send(command);

  const type = (payload: string) => {
    if (state.control !== 'held') return;
    if (!isHeldBack) return tell({ type: 'input', payload });
    early += payload;
    isHeldBack = false;
    line.reopen();
  };

  const held = (holder: 'you' | 'other' | 'nobody') => {
    if (holder === 'you') {
      hasHeld = true;
      isTaking = false;
      if (state.control !== 'held') set({ control: 'held' });
    } else if (holder === 'other' && (hasHeld || !isTaking) && state.control !== 'none') giveUp('taken-away');
  };
  const giveUp = (control: 'none' | 'taken-away') => {
    isTaking = false;
    set({ control });
    line.reopen(); // as a viewer
  };
  const take = (given: TerminalFrame) => {
    if (given.type === 'ready') {
      hasHeld = false;
      if (given.recording === null || (recording !== undefined && given.recording !== recording))
        queue.step(() => screen.term.reset()); // a picture from the beginning follows
      recording = given.recording ?? undefined;
      if (isTaking) tell({ type: 'control', action: 'take' });
      if (early !== '') tell({ type: 'input', payload: early });
      early = '';
    } else if (given.type === 'data') {
      seq = given.seq;
      queue.text(given.payload);
      for (const waiter of waiters.splice(0)) waiter();
      if (queue.waiting < MOST_WAITING_CHARS || seq === undefined) return;
      isHeldBack = true;
      line.hold();
    } else if (given.type === 'reset') {
      seq = undefined; // until its picture has come, there is no place to go on from
      queue.forgetText();
    } else if (given.type === 'control') {
      const { holder, cols, rows } = given;
      queue.step(() => {
        set({ size: { cols, rows } });
        screen.show({ cols, rows }, font, state.control === 'held' ? font : isThumbnail ? 1 : SMALLEST_FONT);
      });
      held(holder);
    }
  };

  const wantsControl = () => state.control === 'asked' || state.control === 'held';
  const line = openLine({
    ticketId,
    operation: 'terminal',
    frame: TerminalFrame,
    isExpected,
    mode: () => (wantsControl() ? 'control' : 'view'),
    query: () => ({
      session: sessionId,
      ...(seq !== undefined && recording !== undefined ? { from: seq, recording } : {}),
      // without a size control is neither wanted nor got
      ...(wantsControl() ? screen.proposed(font) : {}),
    }),
    take,
    changed: (phase, why) => {
      const isOver = phase === 'ended' || phase === 'gone' || phase === 'refused';
      set({ phase, why, ...(isOver ? { control: 'none' } : {}) });
    },
  });

  let soon: number | undefined;
  const resized = new ResizeObserver(() => {
    window.clearTimeout(soon);
    soon = window.setTimeout(fit, RESIZE_PAUSE_MS);
  });
  resized.observe(frame);
  const typing = [screen.term.onData(type), screen.term.onBinary(type)];

  return {
    takeControl() {
      isTaking = true;
      set({ control: 'asked' });
      line.reopen();
    },
    release: () => giveUp('none'),
    type,
    nextOutput(withinMs) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiters.push(() => resolve(true));
      window.setTimeout(() => resolve(false), withinMs);
      return promise;
    },
    setFont(given) {
      font = given;
      fit();
    },
    [Symbol.dispose]() {
      window.clearTimeout(soon);
      resized.disconnect();
      line.close();
      queue.close();
      waiters = [];
      for (const one of typing) one.dispose();
    },
  };
}
