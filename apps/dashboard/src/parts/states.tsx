import type { ReactNode } from 'react';
import { text } from '../text/index.ts';

export const Loading = () => (
  <p className="px-4 py-24 text-center text-sm text-quiet" role="status">
    {text.loading}
  </p>
);

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
}

/** Nothing to show, and what will change that. */
export const Empty = ({ title, children }: EmptyProps) => (
  <div className="grid justify-items-center gap-2 px-4 py-24 text-center text-quiet">
    <h2 className="text-lg font-semibold text-ink">{title}</h2>
    {children}
  </div>
);
