import { Button } from '../parts/button.tsx';
import { TextArea } from '../parts/text-area.tsx';
import { text } from '../text/index.ts';
import type { Decidable } from './choices.tsx';
import { Preview } from './preview.tsx';
import { Reject } from './reject.tsx';
import { useDraft } from './use-draft.ts';

/** What will stand in Plane, to be approved as it is, edited or sent back. Whoever edits keeps their words, whatever arrives meanwhile (B-188). */
export function Update({ ticket, isBusy, onDecide, children }: Decidable) {
  const { id, status_since } = ticket;
  const [draft, write] = useDraft(`summary ${id} ${status_since}`);
  const summary = draft ?? ticket.summary ?? '';
  return (
    <div className="grid gap-3">
      {draft === undefined ? null : (
        <TextArea
          label={text.actions.summary}
          rows={Math.min(12, Math.max(4, draft.split('\n').length + 1))}
          autoFocus
          onFocus={({ target }) => target.setSelectionRange(target.value.length, target.value.length)}
          value={draft}
          onChange={write}
        />
      )}
      <Preview ticket={ticket} draft={draft} />
      <div className="flex flex-wrap gap-2">
        <Button
          look="primary"
          data-key="a"
          disabled={isBusy || summary.trim() === ''}
          onClick={() => onDecide({ name: 'updatePlane', body: { summary }, onDone: () => write(undefined) })}
        >
          {isBusy ? text.actions.updating : draft === undefined ? text.actions.update : text.actions.saveAndUpdate}
        </Button>
        {draft === undefined ? (
          <>
            <Button data-key="e" disabled={isBusy} onClick={() => write(summary)}>
              {text.actions.edit}
            </Button>
            <Reject ticket={ticket} isBusy={isBusy} onDecide={onDecide} />
            {children}
          </>
        ) : (
          <>
            <Button
              disabled={isBusy || summary.trim() === ''}
              onClick={() => onDecide({ name: 'editSummary', body: { summary }, onDone: () => write(undefined) })}
            >
              {text.actions.save}
            </Button>
            <Button disabled={isBusy} onClick={() => write(undefined)}>
              {text.cancel}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
