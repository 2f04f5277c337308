import { useRef } from 'react';
import { text } from '../text.ts';

interface Skipped {
  readonly id: string;
  readonly isBusy: boolean;
  onSkip(): void;
}

/** Asks first: it cannot be undone (B-189). */
export function Skip({ id, isBusy, onSkip }: Skipped) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" data-key="r" disabled={isBusy} onClick={() => dialog.current?.showModal()}>
        {text.skip}
      </button>
      <dialog ref={dialog} aria-label={text.skipTitle(id)}>
        <h2>{text.skipTitle(id)}</h2>
        <p>{text.skipWarning}</p>
        <div className="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            {text.keep}
          </button>
          <button
            type="button"
            className="danger"
            onClick={() => {
              dialog.current?.close();
              onSkip();
            }}
          >
            {text.skip}
          </button>
        </div>
      </dialog>
    </>
  );
}
