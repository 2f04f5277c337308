import { type ComponentProps, useId } from 'react';
import { FIELD } from './field.ts';

interface TextAreaProps extends Omit<ComponentProps<'textarea'>, 'onChange' | 'id' | 'value'> {
  readonly label: string;
  readonly value: string;
  onChange(value: string): void;
}

/** Words of a person, under what they are for. */
export function TextArea({ label, onChange, ...rest }: TextAreaProps) {
  const id = useId();
  return (
    <div className="grid gap-1">
      <label className="text-sm" htmlFor={id}>
        {label}
      </label>
      <textarea id={id} className={FIELD} dir="auto" onChange={({ target }) => onChange(target.value)} {...rest} />
    </div>
  );
}
