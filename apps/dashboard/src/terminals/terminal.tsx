import { useQuery } from '@tanstack/react-query';
import { call } from '../call.ts';
import { Failure } from '../parts/failure.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { text } from '../text/index.ts';
import { LiveTerminal } from './live-terminal.tsx';

/** The terminal of a ticket's present session, as high as what it stands in; the next session takes its place. */
export function Terminal({ ticketId }: { readonly ticketId: string }) {
  const ticket = useQuery({
    queryKey: ['ticket', ticketId],
    queryFn: () => call('ticket', { params: { ticketId } }),
  });
  if (!ticket.data)
    return ticket.error ? <Failure error={ticket.error} onRetry={() => void ticket.refetch()} /> : <Loading />;
  const { session_id: current, status, sessions } = ticket.data;
  const sessionId = current ?? sessions.at(-1)?.id;
  if (sessionId === undefined)
    return (
      <Empty title={text.terminals.none}>
        <p>{text.terminals.noneMore}</p>
      </Empty>
    );
  const exitCode = sessions.find(({ id }) => id === sessionId)?.exit_code;
  return (
    <LiveTerminal
      key={sessionId}
      ticketId={ticketId}
      sessionId={sessionId}
      isStarting={status === 'approved' || status === 'starting'}
      exitCode={exitCode ?? undefined}
    />
  );
}
