import { type ComponentProps, useId, useRef } from 'react';
import { DictateButton } from '../dictation/dictate-button.tsx';
import { DictationStatus } from '../dictation/dictation-status.tsx';
import { useDictationInto } from '../dictation/use-dictation-into.ts';
import { useCanDictate } from '../shell/me.tsx';
import { FIELD } from './field.ts';

interface TextAreaProps extends Omit<ComponentProps<'textarea'>, 'onChange' | 'id' | 'value'> {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
}

/** Words of a person, written or said, under what they are for. */
export function TextArea({ label, onChange, ...rest }: TextAreaProps) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const dictation = useDictationInto(field, onChange);
  const canDictate = useCanDictate();
  return (
    <div className="grid grid-cols-1 gap-1">
      <div className="flex items-end justify-between gap-2">
        <label className="text-sm" htmlFor={id}>
          {label}
        </label>
        {canDictate ? <DictateButton dictation={dictation} /> : null}
      </div>
      <textarea
        ref={field}
        id={id}
        className={FIELD}
        dir="auto"
        onChange={({ target }) => onChange(target.value)}
        {...rest}
      />
      {canDictate ? <DictationStatus dictation={dictation} /> : null}
    </div>
  );
}
