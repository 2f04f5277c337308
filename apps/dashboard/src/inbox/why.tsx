import type { Card } from '../actions/kind.ts';
import { text } from '../text/index.ts';

/** Why it is here in the words of whoever put it here, and what to do about it. */
export function Why({ card: { kind, ticket } }: { readonly card: Card }) {
  const words = ticket.waiting_for?.detail ?? ticket.error ?? ticket.write_back_waits_for?.why;
  const advice = adviceFor({ kind, ticket });
  if (!words && !advice && !ticket.project_error) return null;
  return (
    <div className="grid gap-1 text-sm">
      {words ? (
        <p className="max-h-48 overflow-auto whitespace-pre-wrap wrap-anywhere" dir="auto">
          {words}
        </p>
      ) : null}
      {advice ? <p className="text-quiet">{advice}</p> : null}
      {ticket.project_error ? (
        <p className="text-warn wrap-anywhere" dir="auto">
          {ticket.project_error}
        </p>
      ) : null}
    </div>
  );
}

function adviceFor({ kind, ticket }: Card): string | undefined {
  const { parked, blocked, gone, exited, session, start } = text.inbox.advice;
  if (ticket.waiting_for?.state === 'unreachable') return gone;
  if (ticket.waiting_for?.state === 'exited' || ticket.waiting_for?.state === 'dead') return exited;
  if (ticket.status === 'updating') return kind === 'failed' ? parked : blocked;
  if (kind !== 'failed') return undefined;
  return ticket.session_id ? session : start;
}
