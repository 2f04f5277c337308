import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { copySelection } from './copy.ts';
import { openReplaySession, type ReplaySession, type ReplayState, type ReplayWish } from './replay-session.ts';
import { createScreen } from './screen.ts';
import { readFont } from './settings.ts';

interface Asked {
  readonly ticketId: string;
  readonly sessionId: string;
  readonly recording: string;
}

interface Shown {
  readonly state: ReplayState;
  readonly wish: ReplayWish;
  readonly element: RefObject<HTMLDivElement | null>;
  /** Where it is now, between what the service tells. */
  readonly atMs: number;
  change(wish: Partial<ReplayWish>): void;
  seek(atMs: number): void;
}

const START: ReplayWish = { isPlaying: true, speed: 1, skipsSilence: true };
const TICK_MS = 100;

/** A recording on a screen for as long as the component stands in the page. */
export function useReplay({ ticketId, sessionId, recording }: Asked): Shown {
  const element = useRef<HTMLDivElement>(null);
  const session = useRef<ReplaySession>(undefined);
  const [state, setState] = useState<ReplayState>({ phase: 'connecting' });
  const [wish, setWish] = useState(START);
  const [, tick] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const font = readFont();
    const screen = createScreen(element.current, { font, isThumbnail: false });
    screen.term.attachCustomKeyEventHandler((event) => {
      if (event.type === 'keydown' && event.key === 'c' && (event.ctrlKey || event.metaKey)) copySelection(screen.term);
      return false; // the player's
    });
    const opened = openReplaySession({
      ...{ ticketId, sessionId, recording, screen, font },
      frame: element.current,
      wish: START,
      changed: setState,
    });
    session.current = opened;
    return () => {
      opened[Symbol.dispose]();
      screen[Symbol.dispose]();
    };
  }, [ticketId, sessionId, recording]);
  const seek = useCallback((atMs: number) => session.current?.seek(atMs), []);
  const { position } = state;
  const isMoving = position?.state === 'playing' || position?.state === 'live';
  useEffect(() => {
    if (!isMoving) return;
    const timer = window.setInterval(() => tick((count) => count + 1), TICK_MS);
    return () => window.clearInterval(timer);
  }, [isMoving]);
  return {
    state,
    wish,
    element,
    atMs: position ? between(position) : 0,
    change(part) {
      const changed = { ...wish, ...part };
      setWish(changed);
      session.current?.wish(changed);
    },
    seek,
  };
}

function between({ atMs, durationMs, state, speed, heardAtMs }: NonNullable<ReplayState['position']>): number {
  if (state !== 'playing') return atMs;
  return Math.min(durationMs, atMs + (performance.now() - heardAtMs) * speed);
}
