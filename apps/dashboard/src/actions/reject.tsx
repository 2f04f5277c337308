import type { TicketView } from '@pco/shared/contracts/http';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { TextArea } from '../parts/text-area.tsx';
import { text } from '../text/index.ts';
import type { Wish } from './use-decide.ts';
import { useDraft } from './use-draft.ts';

interface Rejected {
  readonly ticket: TicketView;
  readonly isBusy: boolean;
  onDecide(wish: Wish): void;
}

/** Back to the agent with what is to be better. What was written stays until it is sent, also when it is taken back. */
export function Reject({ ticket: { id, status_since }, isBusy, onDecide }: Rejected) {
  const [isOpen, setOpen] = useState(false);
  const [draft = '', write] = useDraft(`reject ${id} ${status_since}`);
  const close = () => setOpen(false);
  return (
    <>
      <Button data-key="r" disabled={isBusy} onClick={() => setOpen(true)}>
        {text.actions.reject}
      </Button>
      <Dialog title={text.actions.rejectTitle(id)} isOpen={isOpen} onClose={close}>
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            close();
            const held = text.actions.done.reject(id);
            onDecide({ name: 'reject', body: { text: draft }, held });
          }}
        >
          <TextArea label={text.actions.rejectText} rows={5} value={draft} onChange={write} />
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={close}>{text.cancel}</Button>
            <Button type="submit" look="primary" disabled={draft.trim() === ''}>
              {text.actions.reject}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
