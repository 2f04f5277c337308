import type { TicketDetail } from '@pco/shared/contracts/http';
import { useMemo } from 'react';
import type { Tone } from '../parts/badge.tsx';
import { Folded } from '../parts/folded.tsx';
import { Empty } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { When } from '../parts/when.tsx';
import { text } from '../text/index.ts';
import { duration } from '../time.ts';
import { type Step, tell } from './tell.ts';

const DOTS: Readonly<Record<Tone, string>> = {
  neutral: 'bg-line',
  accent: 'bg-accent',
  good: 'bg-good',
  warn: 'bg-warn',
  bad: 'bg-bad',
};

/** Everything that happened to a ticket, the newest first, because that is what one comes for. */
export function Timeline({ history }: Pick<TicketDetail, 'history'>) {
  const steps = useMemo(() => tell(history).toReversed(), [history]);
  if (steps.length === 0) return <Empty title={text.ticket.noTimeline} />;
  return (
    <ol className="relative grid before:absolute before:inset-y-3 before:left-[5px] before:w-px before:bg-line">
      {steps.map((step) => (
        <StepLine key={step.id} step={step} />
      ))}
    </ol>
  );
}

const StepLine = ({ step: { at, afterMs, what, said, tone, to, attempt } }: { readonly step: Step }) => (
  <li className="relative grid min-w-0 gap-1 py-2 pl-6">
    <span aria-hidden className={`absolute top-3.5 left-0 size-[11px] rounded-full ring-4 ring-ground ${DOTS[tone]}`} />
    <p className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
      <span className="min-w-0 wrap-anywhere" dir="auto">
        {what}
      </span>
      {to ? <StatusBadge status={to} /> : null}
      {attempt !== undefined && attempt > 1 ? (
        <span className="text-xs text-quiet">{text.timeline.attempt(attempt)}</span>
      ) : null}
      <span className="ml-auto flex gap-3 text-xs text-quiet tabular-nums">
        {afterMs === undefined ? null : <span>{text.timeline.after(duration(afterMs))}</span>}
        <When at={new Date(at).toISOString()} />
      </span>
    </p>
    {said ? <Folded className="text-quiet">{said}</Folded> : null}
  </li>
);
