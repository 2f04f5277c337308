import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '../call.ts';
import { BUTTON } from '../parts/button.tsx';
import { Link } from '../parts/link.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { SessionActions } from './session-actions.tsx';
import { StateBadge } from './state-badge.tsx';

interface TerminalFrameProps {
  readonly ticketId: string;
  readonly links: ReactNode;
  readonly children: ReactNode;
}

/** A page as high as the window: which ticket, how it is, what can be done, and a screen. */
export function TerminalFrame({ ticketId, links, children }: TerminalFrameProps) {
  const { data: ticket } = useQuery({
    queryKey: ['ticket', ticketId],
    queryFn: () => call('ticket', { params: { ticketId } }),
  });
  const mayAct = useMay('operator');
  return (
    <div className="flex h-[calc(100dvh-3.6rem)] min-h-96 flex-col gap-2 p-2 max-md:h-[calc(100dvh-8.75rem)] md:p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="flex min-w-0 flex-1 basis-60 items-center gap-3 font-semibold">
          <code className="shrink-0 text-sm text-quiet">{ticketId}</code>
          <span className="truncate" dir="auto" title={ticket?.title}>
            {ticket?.title}
          </span>
          {ticket ? <StateBadge status={ticket.status} seen={ticket.waiting_for?.state} /> : null}
        </h1>
        <div className="flex flex-wrap items-center gap-2">
          {links}
          <Link className={`${BUTTON} border-line bg-surface hover:bg-raised`} href={`/tickets/${ticketId}`}>
            {text.terminals.ticket}
          </Link>
          {ticket && mayAct ? <SessionActions ticket={ticket} /> : null}
        </div>
      </div>
      <div className="min-h-0 flex-1">{children}</div>
    </div>
  );
}
