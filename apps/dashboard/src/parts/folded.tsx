import { useState } from 'react';
import { text } from '../text/index.ts';

const LINES = 12;
const CHARS = 2_000;

interface FoldedProps {
  readonly children: string;
  /** Of code: every blank counts, and long lines scroll instead of wrapping. */
  readonly isCode?: boolean;
  readonly className?: string;
}

/** A text of any length: the beginning, and all of it when somebody asks. */
export function Folded({ children: whole, isCode = false, className = '' }: FoldedProps) {
  const [isOpen, setOpen] = useState(false);
  const lines = whole.split('\n');
  const isLong = lines.length > LINES || whole.length > CHARS;
  const shown = isLong && !isOpen ? lines.slice(0, LINES).join('\n').slice(0, CHARS) : whole;
  const look = isCode
    ? 'overflow-x-auto rounded-md bg-raised/60 p-3 font-mono text-xs whitespace-pre'
    : 'text-sm whitespace-pre-wrap wrap-anywhere';
  return (
    <div className={`grid min-w-0 justify-items-start gap-1 ${className}`}>
      <div className={`w-full min-w-0 ${look}`} dir="auto" {...(isCode ? { tabIndex: 0 } : {})}>
        {shown}
        {isLong && !isOpen ? '…' : null}
      </div>
      {isLong ? (
        <button
          type="button"
          aria-expanded={isOpen}
          className="min-h-7 text-xs text-accent hover:underline touch:min-h-11"
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen
            ? text.ticket.showLess
            : lines.length > LINES
              ? text.ticket.showAll(lines.length)
              : text.ticket.showWhole}
        </button>
      ) : null}
    </div>
  );
}
