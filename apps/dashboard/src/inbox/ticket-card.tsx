import { SquareTerminal } from 'lucide-react';
import { memo } from 'react';
import { Actions } from '../actions/actions.tsx';
import type { Card } from '../actions/kind.ts';
import { Badge } from '../parts/badge.tsx';
import { Link } from '../parts/link.tsx';
import { When } from '../parts/when.tsx';
import { plainText } from '../plain-text.ts';
import { text } from '../text/index.ts';
import { Outcome } from './outcome.tsx';
import { Why } from './why.tsx';

const WORDS = 'max-h-36 overflow-auto whitespace-pre-wrap wrap-anywhere text-sm';

interface TicketCardProps {
  readonly card: Card;
  readonly mayDecide: boolean;
}

/** Drawn anew when its ticket changes, and not with every step of scrolling. */
export const TicketCard = memo(ShownCard);

/** Texts of tickets are data: React escapes them, and their direction stays their own. */
function ShownCard({ card, mayDecide }: TicketCardProps) {
  const { kind, ticket } = card;
  return (
    <article
      className="grid min-w-0 grid-cols-1 gap-2 rounded-lg border border-line bg-surface p-4"
      data-card={ticket.id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: j and k go from card to card
      tabIndex={0}
      aria-labelledby={`title-${ticket.id}`}
    >
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-quiet">
        {ticket.waiting_for ? (
          <Badge tone={kind === 'blocked' ? 'bad' : 'warn'}>{text.inbox.states[ticket.waiting_for.state]}</Badge>
        ) : null}
        <span>{ticket.id}</span>
        <span>{text.triggers[ticket.trigger_type]}</span>
        {ticket.priority === 'none' ? null : (
          <span className={ticket.priority === 'urgent' ? 'text-bad' : undefined}>
            {text.priorities[ticket.priority]}
          </span>
        )}
        {ticket.attempt > 1 ? <span>{text.inbox.attempt(ticket.attempt)}</span> : null}
        <When at={ticket.status_since} className="ml-auto" />
        {ticket.session_id ? <TerminalLink id={ticket.id} /> : null}
      </p>
      <h3 id={`title-${ticket.id}`} dir="auto" className="line-clamp-3 font-semibold wrap-anywhere">
        <Link href={`/tickets/${ticket.id}`} className="hover:underline">
          {ticket.title}
        </Link>
      </h3>
      <Why card={card} />
      {kind === 'approve' && ticket.description ? (
        <p className={`${WORDS} text-quiet`} dir="auto">
          {plainText(ticket.description)}
        </p>
      ) : null}
      {kind === 'update' ? <Outcome ticket={ticket} /> : null}
      {mayDecide ? <Actions card={card} /> : kind === 'update' ? <p className={WORDS}>{ticket.summary}</p> : null}
    </article>
  );
}

const TerminalLink = ({ id }: { readonly id: string }) => (
  <Link
    href={`/terminals/${id}`}
    className="-my-2 -mr-2 inline-flex size-9 items-center justify-center rounded-md hover:bg-raised hover:text-ink touch:size-11"
    aria-label={text.inbox.terminal(id)}
    title={text.inbox.terminal(id)}
  >
    <SquareTerminal size={18} aria-hidden />
  </Link>
);
