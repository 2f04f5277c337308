import type { TicketView } from '@pco/shared/contracts/http';
import { kindOf } from '@pco/shared/contracts/http/kinds';
import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Actions } from '../actions/actions.tsx';
import { Outcome } from '../inbox/outcome.tsx';
import { Why } from '../inbox/why.tsx';
import { Badge } from '../parts/badge.tsx';
import { Link } from '../parts/link.tsx';
import { When } from '../parts/when.tsx';
import { plainText } from '../plain-text.ts';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';

const PICTURES = { new_ticket: '🆕', status_change: '🔄', comment_added: '💬', manual_test: '📋' } as const;

interface Shown {
  readonly ticket: TicketView;
}

interface PendingProps extends Shown {
  onApproved(ticketId: string): void;
}

/** B-186; approving again is also what helps where no session could be started. */
export function PendingCard({ ticket, onApproved }: PendingProps) {
  const mayDecide = useMay('operator');
  return (
    <Frame
      ticket={ticket}
      mark={
        <Badge>
          <span aria-hidden>{PICTURES[ticket.trigger_type]}</span>
          {text.triggers[ticket.trigger_type]}
        </Badge>
      }
      at={ticket.status_since}
    >
      {ticket.error ? <Why card={{ kind: 'failed', ticket }} /> : null}
      {ticket.description ? (
        <p className="max-h-36 overflow-auto text-sm whitespace-pre-wrap text-quiet wrap-anywhere" dir="auto">
          {plainText(ticket.description)}
        </p>
      ) : null}
      {mayDecide ? (
        <Actions card={{ kind: 'approve', ticket }} alwaysAsks onApproved={() => onApproved(ticket.id)} />
      ) : null}
    </Frame>
  );
}

/** What runs, and why something that was approved does not run yet. */
export const ActiveCard = ({ ticket }: Shown) => (
  <Frame
    ticket={ticket}
    mark={<Badge tone={ticket.status === 'waiting' ? 'warn' : 'accent'}>{text.statuses[ticket.status]}</Badge>}
    at={ticket.started_at ?? ticket.status_since}
  >
    {ticket.waits_for ? <p className="text-sm text-warn wrap-anywhere">{ticket.waits_for.why}</p> : null}
    {ticket.waiting_for ? <Why card={{ kind: 'asks', ticket }} /> : null}
    <p className="flex gap-4 text-sm">
      {ticket.session_id ? (
        <Link href={`/terminals/${ticket.id}`} className="text-accent hover:underline">
          {text.automation.openTerminal}
        </Link>
      ) : null}
    </p>
  </Frame>
);

/** B-188: ready to be written to Plane, or on its way there. */
export function CompletedCard({ ticket }: Shown) {
  const mayDecide = useMay('operator');
  const kind = kindOf(ticket);
  return (
    <Frame
      ticket={ticket}
      mark={<CircleCheck size={16} className="text-good" role="img" aria-label={text.automation.isCompleted} />}
      at={ticket.completed_at ?? ticket.status_since}
    >
      <Outcome ticket={ticket} />
      {kind === 'update' ? null : <Why card={{ kind: kind ?? 'blocked', ticket }} />}
      {kind && mayDecide ? (
        <Actions card={{ kind, ticket }} alwaysAsks />
      ) : (
        <p className="text-sm whitespace-pre-wrap wrap-anywhere" dir="auto">
          {ticket.summary}
        </p>
      )}
    </Frame>
  );
}

interface FrameProps extends Shown {
  readonly mark: ReactNode;
  readonly at: string;
  readonly children: ReactNode;
}

const Frame = ({ ticket, mark, at, children }: FrameProps) => (
  <article className="grid min-w-0 gap-2 rounded-lg border border-line bg-surface p-4">
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-quiet">
      <code>{ticket.id}</code>
      {mark}
      <When at={at} className="ml-auto" />
    </p>
    <h3 dir="auto" className="line-clamp-3 font-semibold wrap-anywhere">
      <Link href={`/tickets/${ticket.id}`} className="hover:underline">
        {ticket.title}
      </Link>
    </h3>
    {children}
  </article>
);
