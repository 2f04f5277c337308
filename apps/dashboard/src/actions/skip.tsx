import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { text } from '../text/index.ts';

interface Skipped {
  readonly id: string;
  readonly isBusy: boolean;
  onSkip(): void;
}

/** Asks first: it cannot be undone (B-189). */
export function Skip({ id, isBusy, onSkip }: Skipped) {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button data-key="r" disabled={isBusy} onClick={() => setOpen(true)}>
        {text.inbox.skip}
      </Button>
      <Dialog title={text.inbox.skipTitle(id)} isOpen={isOpen} onClose={close}>
        <p>{text.inbox.skipWarning}</p>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>{text.inbox.keep}</Button>
          <Button
            look="danger"
            onClick={() => {
              close();
              onSkip();
            }}
          >
            {text.inbox.skip}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
