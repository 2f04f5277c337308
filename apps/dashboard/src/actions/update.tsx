import { useId } from 'react';
import { Button } from '../parts/button.tsx';
import { FIELD } from '../parts/field.ts';
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
      {draft === undefined ? null : <Field value={draft} onChange={write} />}
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

interface FieldProps {
  readonly value: string;
  onChange(value: string): void;
}

function Field({ value, onChange }: FieldProps) {
  const id = useId();
  return (
    <div className="grid gap-1">
      <label className="text-sm" htmlFor={id}>
        {text.actions.summary}
      </label>
      <textarea
        className={FIELD}
        id={id}
        dir="auto"
        rows={Math.min(12, Math.max(4, value.split('\n').length + 1))}
        // biome-ignore lint/a11y/noAutofocus: it stands there because somebody just asked for it
        autoFocus
        onFocus={({ target }) => target.setSelectionRange(target.value.length, target.value.length)}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </div>
  );
}
