import type { TicketView } from '@pco/shared/contracts/http';
import { type ReactNode, useId } from 'react';
import { text } from '../text/index.ts';

interface SectionProps {
  readonly title: string;
  readonly tickets: readonly TicketView[];
  children(ticket: TicketView): ReactNode;
}

const MOST = 100; // to decide one by one; the inbox holds any number

/** One step of the flow; not there while nothing stands in it. */
export function Section({ title, tickets, children }: SectionProps) {
  const id = useId();
  if (tickets.length === 0) return null;
  return (
    <section className="grid gap-3" aria-labelledby={id}>
      <h2 id={id} className="flex items-baseline gap-2 text-sm font-semibold">
        {title}
        <span className="font-normal text-quiet">{tickets.length}</span>
      </h2>
      <ul className="grid gap-3">
        {tickets.slice(0, MOST).map((ticket) => (
          <li key={ticket.id} className="min-w-0" data-ticket={ticket.id}>
            {children(ticket)}
          </li>
        ))}
      </ul>
      {tickets.length > MOST ? (
        <p className="text-sm text-quiet">{text.automation.more(tickets.length - MOST)}</p>
      ) : null}
    </section>
  );
}
