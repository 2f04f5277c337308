import type { TicketView } from '@pco/shared/contracts/http';
import { type ReactNode, useId } from 'react';
import { text } from '../text/index.ts';

interface SectionProps {
  readonly title: string;
  readonly tickets: readonly TicketView[];
  /** With those that are not loaded. */
  readonly total: number;
  children(ticket: TicketView): ReactNode;
}

/** One step of the flow; not there while nothing stands in it. */
export function Section({ title, tickets, total, children }: SectionProps) {
  const id = useId();
  if (tickets.length === 0) return null;
  return (
    <section className="grid gap-3" aria-labelledby={id}>
      <h2 id={id} className="flex items-baseline gap-2 text-sm font-semibold">
        {title}
        <span className="font-normal text-quiet">{total}</span>
      </h2>
      <ul className="grid gap-3">
        {tickets.map((ticket) => (
          <li key={ticket.id} className="min-w-0" data-ticket={ticket.id}>
            {children(ticket)}
          </li>
        ))}
      </ul>
      {total > tickets.length ? (
        <p className="text-sm text-quiet">{text.automation.more(total - tickets.length)}</p>
      ) : null}
    </section>
  );
}
