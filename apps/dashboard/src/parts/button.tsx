import type { ComponentProps } from 'react';

const LOOKS = {
  plain: 'border-line bg-surface hover:bg-raised',
  primary: 'border-accent bg-accent font-semibold text-on-accent hover:brightness-110',
  danger: 'border-line bg-surface text-bad hover:bg-raised',
  quiet: 'border-transparent bg-transparent text-quiet hover:bg-raised hover:text-ink',
} as const;

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: keyof typeof LOOKS;
  /** Only a picture stands in it: give it an aria-label. */
  readonly square?: boolean;
}

export const BUTTON =
  'inline-flex min-h-9 items-center justify-center gap-2 rounded-md border px-3 text-sm select-none touch:min-h-11 disabled:cursor-default disabled:opacity-60';

export const Button = ({ look = 'plain', square = false, className = '', type = 'button', ...rest }: ButtonProps) => (
  <button
    type={type}
    className={`${BUTTON} ${LOOKS[look]} ${square ? 'w-9 px-0! touch:w-11' : ''} ${className}`}
    {...rest}
  />
);
