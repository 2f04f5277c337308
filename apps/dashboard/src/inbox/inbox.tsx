import { useEffect, useRef } from 'react';
import { Failure } from '../parts/failure.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { useMay } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import { keyPressed } from './keys.ts';
import { TicketCard } from './ticket-card.tsx';
import { useInbox } from './use-inbox.ts';

export function Inbox() {
  const { cards, isLoading, error, reload } = useInbox();
  const mayDecide = useMay('operator');
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (list.current) keyPressed(event, list.current);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  if (error && cards.length === 0) return <Failure error={error} onRetry={reload} />;
  if (isLoading) return <Loading />;
  const { title, nothing, nothingMore, keys } = text.inbox;
  if (cards.length === 0)
    return (
      <Page title={title}>
        <Empty title={nothing}>
          <p>{nothingMore}</p>
        </Empty>
      </Page>
    );
  return (
    <Page title={title} windowTitle={`(${cards.length}) ${title}`}>
      <ul className="grid gap-3" ref={list}>
        {cards.map((card) => (
          <TicketCard key={`${card.ticket.id} ${card.kind}`} card={card} mayDecide={mayDecide} />
        ))}
      </ul>
      {mayDecide ? <p className="text-sm text-quiet max-md:hidden">{keys}</p> : null}
    </Page>
  );
}
