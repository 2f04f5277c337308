import type { TicketView } from '@pco/shared/contracts/http';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { text } from '../text/index.ts';
import type { Wish } from './use-decide.ts';

interface Skipped {
  readonly ticket: TicketView;
  readonly isBusy: boolean;
  readonly alwaysAsks: boolean;
  onDecide(wish: Wish): void;
}

/** Either it can be taken back for some seconds, or, where a session would end with it, it asks first (B-189). */
export function Skip({ ticket: { id, session_id }, isBusy, alwaysAsks, onDecide }: Skipped) {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  const asks = alwaysAsks || session_id !== null;
  const press = () => {
    if (asks) setOpen(true);
    else onDecide({ name: 'deleteTicket', held: text.actions.done.deleteTicket(id) });
  };
  return (
    <>
      <Button data-key="r" disabled={isBusy} onClick={press}>
        {text.actions.skip}
      </Button>
      <Dialog title={text.actions.skipTitle(id)} isOpen={isOpen} onClose={close}>
        <p>{session_id === null ? text.actions.skipWarning : text.actions.skipEnds}</p>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>{text.actions.keep}</Button>
          <Button
            look="danger"
            onClick={() => {
              close();
              onDecide({ name: 'deleteTicket' });
            }}
          >
            {text.actions.skip}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
