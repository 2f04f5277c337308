import { type ReactNode, useId } from 'react';

interface SectionProps {
  readonly title: string;
  /** Right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page that has a name. */
export function Section({ title, actions, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid min-w-0 gap-3">
      <div className="flex min-h-9 flex-wrap items-center justify-between gap-3">
        <h2 id={id} className="text-sm font-semibold text-quiet">
          {title}
        </h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

/** The look of what lies on the ground of a page. */
export const PANEL = 'min-w-0 rounded-lg border border-line bg-surface p-4';
