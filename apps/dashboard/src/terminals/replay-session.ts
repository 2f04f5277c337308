import '../zod-without-eval.ts';

import type { ReplayCommand } from '@pco/shared/contracts/http';
import { ReplayFrame } from '@pco/shared/contracts/http/terminal-frames';
import { openLine, type Phase } from './line.ts';
import { createOutputQueue } from './output-queue.ts';
import type { Screen, Size } from './screen.ts';

const SMALLEST_FONT = 8;
/** Silences longer than this are cut short, where somebody wants that. */
const SHORT_PAUSE_MS = 1_000;
const ANY_PAUSE_MS = Number.MAX_SAFE_INTEGER;

export type Position = Omit<Extract<ReplayFrame, { type: 'position' }>, 'type'>;

export interface ReplayState {
  readonly phase: Phase;
  readonly why?: string | undefined;
  /** Where it is, and when we heard of it (`performance.now()`). */
  readonly position?: (Position & { readonly heardAtMs: number }) | undefined;
}

export interface ReplayWish {
  readonly isPlaying: boolean;
  readonly speed: number;
  readonly skipsSilence: boolean;
}

export interface ReplayOptions {
  readonly ticketId: string;
  readonly sessionId: string;
  readonly recording: string;
  readonly screen: Screen;
  readonly frame: HTMLElement;
  readonly font: number;
  readonly wish: ReplayWish;
  changed(state: ReplayState): void;
}

export interface ReplaySession extends Disposable {
  wish(wish: ReplayWish): void;
  seek(atMs: number): void;
}

/** A recording on a screen. The service keeps the time; a connection that comes back goes on where the last one was. */
export function openReplaySession(options: ReplayOptions): ReplaySession {
  const { ticketId, sessionId, recording, screen, frame, font, changed } = options;
  let { wish } = options;
  let state: ReplayState = { phase: 'connecting' };
  let size: Size | undefined;
  let atMs = 0;

  const set = (change: Partial<ReplayState>) => {
    state = { ...state, ...change };
    changed(state);
  };
  const queue = createOutputQueue(
    (text, done) => screen.term.write(text, done),
    () => undefined,
  );
  const tell = (command: ReplayCommand) => line.send(command);
  const tellWish = () => {
    const { isPlaying, speed, skipsSilence } = wish;
    tell({ type: 'play', speed, maxPauseMs: skipsSilence ? SHORT_PAUSE_MS : ANY_PAUSE_MS });
    if (!isPlaying) tell({ type: 'pause' });
  };
  const fit = () => {
    if (size) screen.show(size, font, SMALLEST_FONT);
  };
  const take = (given: ReplayFrame) => {
    if (given.type === 'ready') {
      queue.forgetText();
      queue.step(() => screen.term.reset()); // it comes from the beginning
      tellWish();
    } else if (given.type === 'data') queue.text(given.payload);
    else if (given.type === 'reset') queue.forgetText();
    else if (given.type === 'control') {
      const { cols, rows } = given;
      queue.step(() => {
        size = { cols, rows };
        fit();
      });
    } else if (given.type === 'position') {
      const { type, ...position } = given;
      atMs = position.atMs;
      set({ position: { ...position, heardAtMs: performance.now() } });
    }
  };
  const line = openLine({
    ticketId,
    operation: 'replay',
    frame: ReplayFrame,
    mode: () => 'view',
    query: () => ({ session: sessionId, recording, at: Math.round(atMs), speed: wish.speed }),
    isExpected: () => false,
    take,
    changed: (phase, why) => set({ phase, why }),
  });
  const resized = new ResizeObserver(fit);
  resized.observe(frame);
  return {
    wish(given) {
      wish = given;
      tellWish();
    },
    seek: (target) => tell({ type: 'seek', atMs: Math.max(0, Math.round(target)) }),
    [Symbol.dispose]() {
      resized.disconnect();
      line.close();
      queue.close();
    },
  };
}
