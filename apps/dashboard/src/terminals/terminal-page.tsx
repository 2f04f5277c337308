import { ROUTES } from '@pco/shared/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'wouter';
import { call } from '../call.ts';
import { BUTTON } from '../parts/button.tsx';
import { useWindowTitle } from '../parts/page.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { SessionActions } from './session-actions.tsx';
import { StateBadge } from './state-badge.tsx';
import { Terminal } from './terminal.tsx';

/** One terminal, as large as the window lets it be. */
export function TerminalPage() {
  const { ticketId = '' } = useParams<{ ticketId: string }>();
  const { data: ticket } = useQuery({
    queryKey: ['ticket', ticketId],
    queryFn: () => call(ROUTES.ticket, { params: { ticketId } }),
  });
  useWindowTitle(ticket?.title ? `${ticketId} ${ticket.title}` : ticketId);
  const mayAct = useMay('operator');
  const link = `${BUTTON} border-line bg-surface hover:bg-raised`;
  return (
    <div className="flex h-[calc(100dvh-3.6rem)] min-h-96 flex-col gap-2 p-2 max-md:h-[calc(100dvh-10rem)] md:p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="flex min-w-0 flex-1 basis-60 items-center gap-3 font-semibold">
          <code className="shrink-0 text-sm text-quiet">{ticketId}</code>
          <span className="truncate" dir="auto" title={ticket?.title}>
            {ticket?.title}
          </span>
        </h1>
        {ticket ? <StateBadge status={ticket.status} seen={ticket.waiting_for?.state} /> : null}
        <div className="flex flex-wrap gap-2">
          <Link className={link} href={`/tickets/${ticketId}`}>
            {text.terminals.ticket}
          </Link>
          {ticket && mayAct ? <SessionActions ticket={ticket} /> : null}
        </div>
      </div>
      <div className="min-h-0 flex-1">
        <Terminal ticketId={ticketId} />
      </div>
    </div>
  );
}
