import { mayUse, type Role } from '@pco/shared/contracts/http';
import { useEffect, useRef } from 'react';
import { Failure } from '../parts/failure.tsx';
import { text } from '../text.ts';
import { keyPressed } from './keys.ts';
import { TicketCard } from './ticket-card.tsx';
import { useInbox } from './use-inbox.ts';

export function Inbox({ role }: { readonly role: Role }) {
  const { cards, isLoading, error, reload } = useInbox();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (list.current) keyPressed(event, list.current);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  if (error && cards.length === 0) return <Failure error={error} onRetry={reload} />;
  if (isLoading) return <p className="quiet">{text.loading}</p>;
  if (cards.length === 0)
    return (
      <div className="empty">
        <h2>{text.nothing}</h2>
        <p>{text.nothingMore}</p>
      </div>
    );
  const mayDecide = mayUse(role, 'operator');
  return (
    <>
      <h2>
        {text.inbox} <span className="count">{cards.length}</span>
      </h2>
      <ul className="cards" ref={list}>
        {cards.map((card) => (
          <TicketCard key={`${card.ticket.id} ${card.kind}`} card={card} mayDecide={mayDecide} />
        ))}
      </ul>
      {mayDecide ? <p className="quiet keys">{text.keys}</p> : null}
    </>
  );
}
