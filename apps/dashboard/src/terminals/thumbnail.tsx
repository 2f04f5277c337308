import type { TicketView } from '@pco/shared/contracts/http';
import { Link } from '../parts/link.tsx';
import { When } from '../parts/when.tsx';
import { text } from '../text/index.ts';
import { StateBadge } from './state-badge.tsx';
import { useLiveSession } from './use-live-session.ts';
import { useOnScreen } from './use-on-screen.ts';

const FONT = 12;

/** A small live picture of a session that leads to its terminal. */
export function Thumbnail({ ticket }: { readonly ticket: TicketView }) {
  const [element, isSeen] = useOnScreen<HTMLLIElement>();
  const { id, title, status, status_since: since, waiting_for: waiting, session_id: sessionId } = ticket;
  return (
    <li
      ref={element}
      data-thumbnail={id}
      className="relative min-w-0 overflow-hidden rounded-lg border border-line bg-surface focus-within:border-accent hover:border-accent"
    >
      <div className="grid gap-1 px-3 py-2">
        <p className="flex items-center gap-2 text-xs text-quiet">
          <code>{id}</code>
          <StateBadge status={status} seen={waiting?.state} />
          <When at={since} className="ml-auto" />
        </p>
        <h2 className="truncate text-sm font-semibold">
          {/* all of the card is the link */}
          <Link href={`/terminals/${id}`} className="after:absolute after:inset-0" dir="auto">
            {title || text.terminals.terminalOf(id)}
          </Link>
        </h2>
      </div>
      <div className="aspect-[16/10] bg-[#101114]" aria-hidden inert>
        {isSeen && sessionId ? (
          <Picture ticketId={id} sessionId={sessionId} isStarting={status === 'approved' || status === 'starting'} />
        ) : null}
      </div>
    </li>
  );
}

interface PictureProps {
  readonly ticketId: string;
  readonly sessionId: string;
  readonly isStarting: boolean;
}

function Picture(props: PictureProps) {
  const { state, element } = useLiveSession({ ...props, isThumbnail: true, font: FONT });
  return (
    <div className="relative h-full p-2" data-terminal={state.phase}>
      <div ref={element} className="h-full overflow-hidden" />
      {state.phase === 'live' ? null : (
        <p className="absolute inset-0 grid place-items-center bg-[#101114]/70 text-sm text-[#a2a6b2]">
          {text.terminals.phases[state.phase]}
        </p>
      )}
    </div>
  );
}
