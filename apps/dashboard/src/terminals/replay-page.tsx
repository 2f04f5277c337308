import { useParams } from 'wouter';
import { BUTTON } from '../parts/button.tsx';
import { Link } from '../parts/link.tsx';
import { useWindowTitle } from '../parts/page.tsx';
import { text } from '../text/index.ts';
import { Replay } from './replay.tsx';
import { TerminalFrame } from './terminal-frame.tsx';

/** What a ticket's sessions printed, as it was. */
export function ReplayPage() {
  const { ticketId = '' } = useParams<{ ticketId: string }>();
  useWindowTitle(text.terminals.replayOf(ticketId));
  return (
    <TerminalFrame
      ticketId={ticketId}
      links={
        <Link className={`${BUTTON} border-line bg-surface hover:bg-raised`} href={`/terminals/${ticketId}`}>
          {text.terminals.live}
        </Link>
      }
    >
      <Replay ticketId={ticketId} />
    </TerminalFrame>
  );
}
