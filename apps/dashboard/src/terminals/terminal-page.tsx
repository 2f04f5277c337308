import { useParams } from 'wouter';
import { BUTTON } from '../parts/button.tsx';
import { Link } from '../parts/link.tsx';
import { useWindowTitle } from '../parts/page.tsx';
import { text } from '../text/index.ts';
import { Terminal } from './terminal.tsx';
import { TerminalFrame } from './terminal-frame.tsx';

/** One terminal, as large as the window lets it be. */
export function TerminalPage() {
  const { ticketId = '' } = useParams<{ ticketId: string }>();
  useWindowTitle(text.terminals.terminalOf(ticketId));
  return (
    <TerminalFrame
      ticketId={ticketId}
      links={
        <Link className={`${BUTTON} border-line bg-surface hover:bg-raised`} href={`/terminals/${ticketId}/replay`}>
          {text.terminals.replay}
        </Link>
      }
    >
      <Terminal ticketId={ticketId} />
    </TerminalFrame>
  );
}
