import type { TicketRow } from '@pco/shared/contracts/http';
import { memo } from 'react';
import { Link } from '../parts/link.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { When } from '../parts/when.tsx';
import { text } from '../text/index.ts';

/** Of a title so much is put into the page: more is never seen. */
const SEEN = 200;

interface RowProps {
  readonly row: TicketRow;
  readonly isWide: boolean;
}

/** One ticket: what it is, where it stands, since when, and why it waits. All of it leads to its page. */
export const Row = memo(function Row({ row, isWide }: RowProps) {
  const { id, title, status, status_since, priority, attempt, project, trigger_type, waiting_for, error } = row;
  const why = waiting_for ? text.observed[waiting_for.state] : error;
  return (
    <Link
      href={`/tickets/${encodeURIComponent(id)}`}
      className="grid h-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 px-4 -outline-offset-2 hover:bg-raised/60 md:grid-cols-[7rem_minmax(0,1fr)_auto]"
    >
      {isWide ? <code className="truncate text-sm text-quiet">{id}</code> : null}
      <span className="min-w-0">
        <span className="block truncate text-sm font-medium" dir="auto">
          {title.slice(0, SEEN)}
        </span>
        <span className="flex min-w-0 gap-2 text-xs text-quiet">
          {isWide ? (
            <span className="shrink-0">{text.tickets.origin(project, text.triggers[trigger_type])}</span>
          ) : (
            <code className="shrink-0">{id}</code>
          )}
          {priority === 'none' ? null : (
            <span className={`shrink-0 ${priority === 'urgent' ? 'text-bad' : ''}`}>{text.priorities[priority]}</span>
          )}
          {attempt > 1 ? <span className="shrink-0">{text.tickets.attempt(attempt)}</span> : null}
          {why ? (
            <span className={`truncate ${status === 'failed' ? 'text-bad' : 'text-warn'}`} dir="auto">
              {why.slice(0, SEEN)}
            </span>
          ) : null}
        </span>
      </span>
      <span className="grid justify-items-end gap-1 md:grid-cols-[10rem_7rem] md:items-center md:gap-4 md:justify-items-start">
        <StatusBadge status={status} />
        <When at={status_since} className="justify-self-end text-xs text-quiet" />
      </span>
    </Link>
  );
});
