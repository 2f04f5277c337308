import { Actions } from '../actions/actions.tsx';
import type { Card, Kind } from '../actions/kind.ts';
import { Badge, type Tone } from '../parts/badge.tsx';
import { When } from '../parts/when.tsx';
import { plainText } from '../plain-text.ts';
import { text } from '../text/index.ts';

const TONES: Readonly<Record<Kind, Tone>> = { asks: 'warn', approve: 'accent', update: 'good', failed: 'bad' };

const WORDS = 'max-h-36 overflow-auto whitespace-pre-wrap wrap-anywhere text-sm';

/** Texts of tickets are data: React escapes them, and their direction stays their own. */
export function TicketCard({ card, mayDecide }: { readonly card: Card; readonly mayDecide: boolean }) {
  const { kind, ticket } = card;
  const why = ticket.waiting_for?.detail ?? ticket.error ?? ticket.write_back_waits_for?.why;
  return (
    <li
      className="grid min-w-0 gap-2 rounded-lg border border-line bg-surface p-4"
      data-card={ticket.id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: j and k go from card to card
      tabIndex={0}
      aria-labelledby={`title-${ticket.id}`}
    >
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-quiet">
        <Badge tone={TONES[kind]}>{text.inbox.kinds[kind]}</Badge>
        <code>{ticket.id}</code>
        <span>{text.triggers[ticket.trigger_type]}</span>
        {ticket.priority === 'none' ? null : (
          <span className={ticket.priority === 'urgent' ? 'text-bad' : undefined}>{ticket.priority}</span>
        )}
        {ticket.attempt > 1 ? <span>{text.inbox.attempt(ticket.attempt)}</span> : null}
        <When at={ticket.status_since} className="ml-auto" />
      </p>
      <h2 id={`title-${ticket.id}`} dir="auto" className="line-clamp-3 font-semibold wrap-anywhere">
        {ticket.title}
      </h2>
      {why ? (
        <p className={WORDS} dir="auto">
          {why}
        </p>
      ) : null}
      {kind === 'approve' && ticket.description ? (
        <p className={`${WORDS} text-quiet`} dir="auto">
          {plainText(ticket.description)}
        </p>
      ) : null}
      {kind === 'update' ? <Outcome ticket={ticket} /> : null}
      {mayDecide ? <Actions card={card} /> : kind === 'update' ? <p className={WORDS}>{ticket.summary}</p> : null}
    </li>
  );
}

function Outcome({ ticket: { result, branch } }: Pick<Card, 'ticket'>) {
  const facts = [
    ...(branch ? [branch] : []),
    ...(result?.commits === undefined ? [] : [text.inbox.commits(result.commits)]),
    ...(result?.unpushed ? [text.inbox.unpushed(result.unpushed)] : []),
    ...(result?.uncommitted ? [text.inbox.uncommitted(result.uncommitted)] : []),
    ...(result?.cost === undefined ? [] : [`$${result.cost.toFixed(2)}`]),
  ];
  return facts.length > 0 ? <p className="text-sm text-quiet">{facts.join(' · ')}</p> : null;
}
