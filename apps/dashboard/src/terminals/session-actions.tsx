import { ROUTES, type TicketDetail } from '@pco/shared/contracts/http';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../call.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Banner } from '../parts/failure.tsx';
import { text } from '../text/index.ts';

/** Interrupt and stop, where there is a session to do it to. */
export function SessionActions({ ticket }: { readonly ticket: Pick<TicketDetail, 'id' | 'status'> }) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const act = useMutation({
    mutationFn: (route: typeof ROUTES.interrupt | typeof ROUTES.stop) =>
      call(route, { params: { ticketId: ticket.id } }),
    onSettled: () => queries.invalidateQueries(),
  });
  const words = text.terminals;
  const close = () => setAsking(false);
  if (ticket.status !== 'active' && ticket.status !== 'waiting') return null;
  return (
    <>
      {act.error ? <Banner error={act.error} onDismiss={() => act.reset()} /> : null}
      <Button disabled={act.isPending} onClick={() => act.mutate(ROUTES.interrupt)} title={words.interruptHint}>
        {words.interrupt}
      </Button>
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
              act.mutate(ROUTES.stop);
            }}
          >
            {words.stop}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
