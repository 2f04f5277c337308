import type { TicketDetail } from '@pco/shared/contracts/http';
import { kindOf } from '@pco/shared/contracts/http/kinds';
import { Actions } from '../actions/actions.tsx';
import { Reply } from '../actions/reply.tsx';
import { Skip } from '../actions/skip.tsx';
import { useDecide } from '../actions/use-decide.ts';
import { Banner } from '../parts/failure.tsx';
import { SessionActions } from '../terminals/session-actions.tsx';

/** What a person can decide about a ticket as it stands. */
export function Decisions({ ticket }: { readonly ticket: TicketDetail }) {
  const kind = kindOf(ticket);
  return (
    <>
      {kind ? <Actions card={{ kind, ticket }} alwaysAsks /> : <OnItsWay ticket={ticket} />}
      <div className="flex flex-wrap gap-2 empty:hidden">
        <SessionActions ticket={ticket} />
      </div>
    </>
  );
}

/** It needs nobody just now: one can talk to its agent, or end it. */
function OnItsWay({ ticket }: { readonly ticket: TicketDetail }) {
  const { isBusy, error, decide, dismiss } = useDecide(ticket);
  if (ticket.status === 'done' || ticket.status === 'cancelled') return null;
  const skip = <Skip ticket={ticket} isBusy={isBusy} alwaysAsks onDecide={decide} />;
  return (
    <>
      {error ? <Banner error={error} onDismiss={dismiss} /> : null}
      {ticket.status === 'active' ? (
        <Reply ticket={ticket} isBusy={isBusy} onDecide={decide}>
          {skip}
        </Reply>
      ) : (
        <div>{skip}</div>
      )}
    </>
  );
}
