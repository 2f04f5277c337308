import { Download, Pause, Play } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';
import { addressOf } from '../call.ts';
import { Badge } from '../parts/badge.tsx';
import { BUTTON, Button } from '../parts/button.tsx';
import { text } from '../text/index.ts';
import { clockTime } from './clock-time.ts';
import { useReplay } from './use-replay.ts';

const SPEEDS = [0.5, 1, 2, 4, 8, 16] as const;
const STEP_MS = 5_000;
/** Where a finger moves, not every place on its way is wanted. */
const SCRUB_PAUSE_MS = 150;

interface PlayerProps {
  readonly ticketId: string;
  readonly sessionId: string;
  readonly recording: string;
  /** Which recording. */
  readonly choice: ReactNode;
}

/** A recording with a scrubber: space plays and pauses, arrows go five seconds back and on. */
export function Player({ ticketId, sessionId, recording, choice }: PlayerProps) {
  const { state, wish, element, atMs, change, seek } = useReplay({ ticketId, sessionId, recording });
  const { position, phase, why } = state;
  const durationMs = position?.durationMs ?? 0;
  const isPlaying = wish.isPlaying && position?.state !== 'ended';
  const words = text.terminals;
  const onKey = (event: KeyboardEvent) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isPressed = target instanceof Element && target.closest('button, select, a');
    if (key === ' ' && !isPressed) change({ isPlaying: !isPlaying });
    else if (key === 'ArrowLeft' && !isSelect(target)) seek(atMs - STEP_MS);
    else if (key === 'ArrowRight' && !isSelect(target)) seek(atMs + STEP_MS);
    else if (key === 'Home' && !isSelect(target)) seek(0);
    else if (key === 'End' && !isSelect(target)) seek(durationMs);
    else return;
    event.preventDefault();
  };
  return (
    <section
      aria-label={words.replayOf(ticketId)}
      className="flex h-full min-h-0 min-w-0 flex-col overflow-hidden rounded-lg border border-line bg-surface"
      onKeyDown={onKey}
    >
      <div className="flex flex-wrap items-center gap-3 border-b border-line px-3 py-1.5" role="status">
        <Badge tone={phase === 'live' ? 'accent' : phase === 'refused' ? 'bad' : 'neutral'}>
          {phase === 'live' ? words.replayStates[position?.state ?? 'playing'] : words.phases[phase]}
        </Badge>
        {why && phase !== 'live' ? (
          <span className="truncate text-xs text-quiet" dir="auto">
            {why}
          </span>
        ) : null}
        <span className="flex-1" />
        {choice}
        <a
          className={`${BUTTON} border-line bg-surface hover:bg-raised`}
          href={addressOf('recording', { params: { ticketId, name: recording } })}
          download
          title={words.downloadHint}
        >
          <Download size={16} aria-hidden />
          <span className="max-md:sr-only">{words.download}</span>
        </a>
      </div>
      <div className="min-h-0 flex-1 bg-[#101114] p-2" data-replay={position?.state ?? phase}>
        <div ref={element} className="h-full overflow-auto" />
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line p-2">
        <Button
          square
          aria-label={isPlaying ? words.pause : words.play}
          onClick={() => change({ isPlaying: !isPlaying })}
        >
          {isPlaying ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
        </Button>
        <Scrubber atMs={atMs} durationMs={durationMs} onSeek={seek} />
        <label className="flex items-center gap-2 text-sm">
          <span className="sr-only">{words.speed}</span>
          <select
            className="min-h-9 rounded-md border border-line bg-surface px-2 text-sm touch:min-h-11"
            value={wish.speed}
            onChange={({ target }) => change({ speed: Number(target.value) })}
          >
            {SPEEDS.map((speed) => (
              <option key={speed} value={speed}>
                {words.times(speed)}
              </option>
            ))}
          </select>
        </label>
        <label className="flex min-h-9 items-center gap-2 text-sm touch:min-h-11">
          <input
            type="checkbox"
            checked={wish.skipsSilence}
            onChange={({ target }) => change({ skipsSilence: target.checked })}
          />
          {words.skipSilence}
        </label>
      </div>
    </section>
  );
}

const isSelect = (target: EventTarget): boolean => target instanceof HTMLSelectElement;

interface ScrubberProps {
  readonly atMs: number;
  readonly durationMs: number;
  onSeek(atMs: number): void;
}

/** Shows where it is, except while somebody moves it: then where it will be. */
function Scrubber({ atMs, durationMs, onSeek }: ScrubberProps) {
  const [wanted, setWanted] = useState<number>();
  useEffect(() => {
    if (wanted === undefined) return;
    const timer = window.setTimeout(() => {
      onSeek(wanted);
      setWanted(undefined);
    }, SCRUB_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [wanted, onSeek]);
  const shown = Math.min(wanted ?? atMs, durationMs);
  const told = text.terminals.position(clockTime(shown), clockTime(durationMs));
  return (
    <>
      <input
        type="range"
        className="min-w-24 flex-1 accent-accent touch:min-h-11"
        aria-label={text.terminals.scrubber}
        aria-valuetext={told}
        min={0}
        max={durationMs}
        step={1}
        value={shown}
        onChange={({ target }) => setWanted(Number(target.value))}
      />
      <span className="text-xs tabular-nums text-quiet">{told}</span>
    </>
  );
}
