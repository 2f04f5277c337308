import type { TicketDetail } from '@pco/shared/contracts/http';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { hasAgentEnded } from '../actions/agent-ended.ts';
import { call } from '../call.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Banner } from '../parts/failure.tsx';
import { text } from '../text/index.ts';

/** Interrupt and stop, where there is a session to do it to. */
export function SessionActions({ ticket }: { readonly ticket: Pick<TicketDetail, 'id' | 'status' | 'waiting_for'> }) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const act = useMutation({
    mutationFn: (name: 'interrupt' | 'stop') => call(name, { params: { ticketId: ticket.id } }),
    onSettled: () => queries.invalidateQueries(),
  });
  const words = text.terminals;
  const close = () => setAsking(false);
  if (ticket.status !== 'active' && ticket.status !== 'waiting') return null;
  return (
    <>
      {act.error ? <Banner error={act.error} onDismiss={() => act.reset()} /> : null}
      {hasAgentEnded(ticket.waiting_for?.state) ? null : (
        <Button disabled={act.isPending} onClick={() => act.mutate('interrupt')} title={words.interruptHint}>
          {words.interrupt}
        </Button>
      )}
      <Button look="danger" disabled={act.isPending} onClick={() => setAsking(true)}>
        {words.stop}
      </Button>
      <Dialog title={words.stopTitle(ticket.id)} isOpen={isAsking} onClose={close}>
        <p>{words.stopWarning}</p>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>{words.keepRunning}</Button>
          <Button
            look="danger"
            onClick={() => {
              close();
              act.mutate('stop');
            }}
          >
            {words.stop}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
