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
        {text.actions.skip}
      </Button>
      <Dialog title={text.actions.skipTitle(id)} isOpen={isOpen} onClose={close}>
        <p>{text.actions.skipWarning}</p>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>{text.actions.keep}</Button>
          <Button
            look="danger"
            onClick={() => {
              close();
              onSkip();
            }}
          >
            {text.actions.skip}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
