import { plainText } from '../plain-text.ts';
import { text } from '../text.ts';
import { ago } from '../time.ts';
import { Actions } from './actions.tsx';
import type { Card } from './rank.ts';

/** Texts of tickets are data: React escapes them, and their direction stays their own. */
export function TicketCard({ card, mayDecide }: { readonly card: Card; readonly mayDecide: boolean }) {
  const { kind, ticket } = card;
  const why = ticket.waiting_for?.detail ?? ticket.error ?? ticket.write_back_waits_for?.why;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: j and k go from card to card
    <li className="card" data-card={ticket.id} tabIndex={0} aria-labelledby={`title-${ticket.id}`}>
      <p className="meta">
        <span className={`badge ${kind}`}>{text.kinds[kind]}</span>
        <code>{ticket.id}</code>
        <span>{text.triggers[ticket.trigger_type]}</span>
        {ticket.priority === 'none' ? null : <span className={`priority ${ticket.priority}`}>{ticket.priority}</span>}
        {ticket.attempt > 1 ? <span>{text.attempt(ticket.attempt)}</span> : null}
        <time dateTime={ticket.status_since} title={new Date(ticket.status_since).toLocaleString()}>
          {ago(ticket.status_since, Date.now())}
        </time>
      </p>
      <h3 id={`title-${ticket.id}`} dir="auto">
        {ticket.title}
      </h3>
      {why ? (
        <p className="why" dir="auto">
          {why}
        </p>
      ) : null}
      {kind === 'approve' && ticket.description ? (
        <p className="description" dir="auto">
          {plainText(ticket.description)}
        </p>
      ) : null}
      {kind === 'update' ? <Outcome ticket={ticket} /> : null}
      {mayDecide ? <Actions card={card} /> : kind === 'update' ? <p className="description">{ticket.summary}</p> : null}
    </li>
  );
}

function Outcome({ ticket: { result, branch } }: Pick<Card, 'ticket'>) {
  const facts = [
    ...(branch ? [branch] : []),
    ...(result?.commits === undefined ? [] : [text.commits(result.commits)]),
    ...(result?.unpushed ? [text.unpushed(result.unpushed)] : []),
    ...(result?.uncommitted ? [text.uncommitted(result.uncommitted)] : []),
    ...(result?.cost === undefined ? [] : [`$${result.cost.toFixed(2)}`]),
  ];
  return facts.length > 0 ? <p className="quiet">{facts.join(' · ')}</p> : null;
}
