import type { TicketDetail } from '@pco/shared/contracts/http';
import { ExternalLink } from 'lucide-react';
import { BUTTON } from '../parts/button.tsx';
import { Link } from '../parts/link.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { When } from '../parts/when.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { Decisions } from './decisions.tsx';

/** Where a ticket stands and why, and what can be done about it. */
export function Head({ ticket }: { readonly ticket: TicketDetail }) {
  const mayDecide = useMay('operator');
  const { id, status, status_since, plane_url } = ticket;
  return (
    <div className="grid min-w-0 gap-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm text-quiet">
        <Link href="/tickets" className="hover:underline">
          {text.nav.tickets}
        </Link>
        <span aria-hidden>/</span>
        <code>{id}</code>
        <StatusBadge status={status} />
        <When at={status_since} />
        {plane_url ? (
          <a
            href={plane_url}
            target="_blank"
            rel="noreferrer"
            className={`${BUTTON} ml-auto border-line bg-surface text-ink hover:bg-raised`}
          >
            {text.ticket.openInPlane}
            <ExternalLink size={14} aria-hidden />
          </a>
        ) : null}
      </p>
      <Why ticket={ticket} />
      {mayDecide ? <Decisions ticket={ticket} /> : null}
    </div>
  );
}

/** What it waits for or what went wrong, in the words of whoever said it. */
function Why({ ticket }: { readonly ticket: TicketDetail }) {
  const { waiting_for, error, status, waits_for, write_back_waits_for, project_error, missed_triggers } = ticket;
  const reasons = [
    ...(waiting_for ? [text.observed[waiting_for.state]] : []),
    ...(waiting_for?.detail ? [waiting_for.detail] : []),
    ...(error ? [error] : []),
    ...(waits_for ? [waits_for.why] : []),
    ...(write_back_waits_for ? [write_back_waits_for.why] : []),
    ...(project_error ? [text.ticket.projectError(project_error)] : []),
    ...(missed_triggers > 0 ? [text.ticket.missedTriggers(missed_triggers)] : []),
  ];
  if (reasons.length === 0) return null;
  const look = status === 'failed' ? 'border-bad/40 bg-bad/8' : 'border-warn/40 bg-warn/8';
  return (
    <ul className={`grid max-h-72 gap-1 overflow-auto rounded-lg border px-4 py-3 text-sm ${look}`}>
      {reasons.map((reason) => (
        <li key={reason} className="whitespace-pre-wrap wrap-anywhere" dir="auto">
          {reason}
        </li>
      ))}
    </ul>
  );
}
