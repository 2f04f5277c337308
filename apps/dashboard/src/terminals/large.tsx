import type { TicketView } from '@pco/shared/contracts/http';
import { Link } from '../parts/link.tsx';
import { StateBadge } from './state-badge.tsx';
import { Terminal } from './terminal.tsx';
import { useOnScreen } from './use-on-screen.ts';

/** A session of several side by side that one can work in. */
export function Large({ ticket, isHalf }: { readonly ticket: TicketView; readonly isHalf: boolean }) {
  const [element, isSeen] = useOnScreen<HTMLLIElement>();
  const { id, title, status, waiting_for: waiting } = ticket;
  return (
    <li
      ref={element}
      data-large={id}
      className={`grid min-w-0 grid-rows-[auto_1fr] gap-2 ${isHalf ? 'h-[calc(50dvh-5rem)] min-h-80' : 'h-[calc(100dvh-10rem)] min-h-96'}`}
    >
      <p className="flex min-w-0 items-center gap-2 text-sm">
        <code className="text-quiet">{id}</code>
        <Link href={`/terminals/${id}`} className="min-w-0 flex-1 truncate font-semibold hover:underline" dir="auto">
          {title}
        </Link>
        <StateBadge status={status} seen={waiting?.state} />
      </p>
      <div className="min-h-0">{isSeen ? <Terminal ticketId={id} /> : null}</div>
    </li>
  );
}
