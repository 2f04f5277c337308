import { Copy, Maximize, Minus, Plus, Search } from 'lucide-react';
import type { RefObject } from 'react';
import { Badge, type Tone } from '../parts/badge.tsx';
import { Button } from '../parts/button.tsx';
import { text } from '../text/index.ts';
import type { Phase } from './line.ts';
import type { LiveState } from './live-session.ts';
import { FONT } from './settings.ts';

const TONES: Readonly<Record<Phase, Tone>> = {
  connecting: 'neutral',
  live: 'good',
  reconnecting: 'warn',
  ended: 'neutral',
  gone: 'neutral',
  refused: 'bad',
};

interface TerminalBarProps {
  readonly state: LiveState;
  readonly exitCode: number | undefined;
  /** Somebody typed without control. */
  readonly isNudged: boolean;
  readonly mayType: boolean;
  readonly font: number;
  readonly root: RefObject<HTMLElement | null>;
  onFont(size: number): void;
  onSearch(): void;
  onCopy(): void;
  onTake(): void;
  onRelease(): void;
}

/** How the connection is, who types, and what can be done with the screen. */
export function TerminalBar(props: TerminalBarProps) {
  const { state, exitCode, isNudged, mayType, font, root, onFont, onSearch, onCopy, onTake, onRelease } = props;
  const { phase, why, control, size } = state;
  const words = text.terminals;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5">
      <div
        className="flex min-h-9 min-w-0 flex-1 flex-wrap items-center gap-x-3 text-sm text-quiet touch:min-h-11"
        role="status"
      >
        <Badge tone={TONES[phase]}>
          {phase === 'ended' && exitCode !== undefined ? words.endedWith(exitCode) : words.phases[phase]}
        </Badge>
        {why && phase !== 'live' ? (
          <span className="truncate text-xs" dir="auto" title={why}>
            {why}
          </span>
        ) : null}
        <span className={`text-xs ${isNudged ? 'font-semibold text-warn' : ''}`}>
          {isNudged ? words.nudge : noteOf(state)}
        </span>
        {size ? <span className="text-xs tabular-nums max-md:hidden">{words.size(size.cols, size.rows)}</span> : null}
      </div>
      <div className="flex min-w-0 flex-wrap items-center gap-1 max-md:order-last max-md:basis-full">
        <Tool label={words.search} onPress={onSearch} icon={<Search size={16} aria-hidden />} />
        <Tool label={words.copy} onPress={onCopy} icon={<Copy size={16} aria-hidden />} />
        <Tool
          label={words.smaller}
          isOff={font <= FONT.smallest}
          onPress={() => onFont(font - FONT.step)}
          icon={<Minus size={16} aria-hidden />}
        />
        <span className="text-xs tabular-nums text-quiet max-md:hidden">{words.fontSize(font)}</span>
        <Tool
          label={words.larger}
          isOff={font >= FONT.largest}
          onPress={() => onFont(font + FONT.step)}
          icon={<Plus size={16} aria-hidden />}
        />
        {document.fullscreenEnabled ? (
          <Tool
            label={words.fullScreen}
            onPress={() => void toggleFullScreen(root.current)}
            icon={<Maximize size={16} aria-hidden />}
          />
        ) : null}
      </div>
      {mayType && (phase === 'live' || phase === 'reconnecting') ? (
        control === 'held' ? (
          <Button data-control onClick={onRelease} title={words.leaveHint}>
            {words.release}
          </Button>
        ) : (
          <Button data-control look="primary" disabled={control === 'asked' || phase !== 'live'} onClick={onTake}>
            {control === 'asked' ? words.taking : words.take}
          </Button>
        )
      ) : null}
    </div>
  );
}

function noteOf({ control, phase }: LiveState): string {
  const { inControl, takenAway, viewOnly } = text.terminals;
  if (phase !== 'live') return '';
  if (control === 'held') return inControl;
  return control === 'taken-away' ? takenAway : viewOnly;
}

interface ToolProps {
  readonly label: string;
  readonly icon: React.ReactNode;
  readonly isOff?: boolean;
  onPress(): void;
}

const Tool = ({ label, icon, isOff = false, onPress }: ToolProps) => (
  <Button look="quiet" square aria-label={label} title={label} disabled={isOff} onClick={onPress}>
    {icon}
  </Button>
);

async function toggleFullScreen(root: HTMLElement | null): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await root?.requestFullscreen();
}
