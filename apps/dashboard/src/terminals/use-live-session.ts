import { type RefObject, useEffect, useRef, useState } from 'react';
import { type LiveSession, type LiveState, openLiveSession } from './live-session.ts';
import { createScreen, type Screen } from './screen.ts';

interface Asked {
  readonly ticketId: string;
  readonly sessionId: string;
  readonly isThumbnail?: boolean;
  /** The session is on its way, and may not be there yet. */
  readonly isStarting: boolean;
  readonly font: number;
}

export interface Shown {
  readonly state: LiveState;
  readonly session: LiveSession | undefined;
  readonly screen: Screen | undefined;
  /** Where the screen is to stand. */
  readonly element: RefObject<HTMLDivElement | null>;
}

/** A session on a screen for as long as the component stands in the page. */
export function useLiveSession({ ticketId, sessionId, isThumbnail = false, isStarting, font }: Asked): Shown {
  const element = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<LiveState>({ phase: 'connecting', control: 'none' });
  const [opened, setOpened] = useState<{ screen: Screen; session: LiveSession }>();
  const latest = useRef({ isStarting, font });
  latest.current = { isStarting, font };
  useEffect(() => {
    if (!element.current) return;
    const screen = createScreen(element.current, { font: latest.current.font, isThumbnail });
    const session = openLiveSession({
      ticketId,
      sessionId,
      screen,
      frame: element.current,
      isThumbnail,
      font: latest.current.font,
      isExpected: () => latest.current.isStarting,
      changed: setState,
    });
    setOpened({ screen, session });
    return () => {
      session[Symbol.dispose]();
      screen[Symbol.dispose]();
    };
  }, [ticketId, sessionId, isThumbnail]);
  useEffect(() => opened?.session.setFont(font), [opened, font]);
  return { state, session: opened?.session, screen: opened?.screen, element };
}
