import { useEffect, useRef, useState } from 'react';
import { Link } from '../parts/link.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { copyText } from './copy.ts';
import { handleKeys } from './handle-keys.ts';
import { QuickKeys } from './quick-keys.tsx';
import { SearchBar } from './search-bar.tsx';
import { SendBox } from './send-box.tsx';
import { keepFont, readFont } from './settings.ts';
import { TerminalBar } from './terminal-bar.tsx';
import { useLiveSession } from './use-live-session.ts';

const NUDGE_MS = 3_000;

interface LiveTerminalProps {
  readonly ticketId: string;
  readonly sessionId: string;
  readonly isStarting: boolean;
  readonly exitCode: number | undefined;
}

/** One session: looked at by everybody, typed into by whoever takes control. */
export function LiveTerminal({ ticketId, sessionId, isStarting, exitCode }: LiveTerminalProps) {
  const [font, setFont] = useState(readFont);
  const [isSearching, setSearching] = useState(false);
  const [isNudged, setNudged] = useState(false);
  const { state, session, screen, element } = useLiveSession({ ticketId, sessionId, isStarting, font });
  const root = useRef<HTMLElement>(null);
  const mayType = useMay('operator');
  const isInControl = state.control === 'held';
  // before control is there, so that the window gets the size that is left beside them, and no other before
  const hasBars = isInControl || state.control === 'asked';

  useEffect(() => {
    if (!screen) return;
    if (screen.term.textarea) screen.term.textarea.ariaLabel = text.terminals.inputOf(ticketId);
    return handleKeys(screen.term, {
      search: () => setSearching(true),
      leave: () => root.current?.querySelector<HTMLElement>('[data-control]')?.focus(),
      refused: () => setNudged(true),
    });
  }, [screen, ticketId]);
  useEffect(() => {
    if (isInControl) screen?.term.focus();
  }, [isInControl, screen]);
  useEffect(() => {
    if (!isNudged) return;
    const timer = window.setTimeout(() => setNudged(false), NUDGE_MS);
    return () => window.clearTimeout(timer);
  }, [isNudged]);

  const chooseFont = (size: number) => {
    setFont(size);
    keepFont(size);
  };
  return (
    <section
      ref={root}
      aria-label={text.terminals.terminalOf(ticketId)}
      className={`flex h-full min-h-0 min-w-0 flex-col overflow-hidden rounded-lg border bg-surface ${isInControl ? 'border-accent' : 'border-line'}`}
    >
      <TerminalBar
        state={state}
        exitCode={exitCode}
        isNudged={isNudged && !isInControl}
        mayType={mayType}
        font={font}
        onFont={chooseFont}
        onSearch={() => setSearching(!isSearching)}
        onCopy={() => screen && copyText(screen.term)}
        onTake={() => session?.takeControl()}
        onRelease={() => session?.release()}
        root={root}
      />
      {isSearching && screen ? (
        <SearchBar
          screen={screen}
          onClose={() => {
            setSearching(false);
            screen.term.focus();
          }}
        />
      ) : null}
      <div className="relative min-h-0 flex-1 bg-[#101114] p-2" data-terminal={state.phase}>
        <div ref={element} className={`h-full overflow-auto ${state.phase === 'live' ? '' : 'opacity-60'}`} />
        {state.phase === 'gone' ? (
          <p className="absolute inset-0 grid place-content-center justify-items-center gap-2 text-[#ececf0]">
            {text.terminals.goneMore}
            <Link href={`/terminals/${ticketId}/replay`} className="text-[#a5a0ff] underline">
              {text.terminals.replay}
            </Link>
          </p>
        ) : null}
      </div>
      {hasBars && session && screen ? (
        <>
          <QuickKeys session={session} term={screen.term} />
          <SendBox session={session} term={screen.term} isLive={isInControl && state.phase === 'live'} />
        </>
      ) : null}
    </section>
  );
}
