import { lazy, type ReactNode, Suspense, useState } from 'react';

export const loadDialog = () => import('./radix-dialog.tsx').then(({ RadixDialog }) => ({ default: RadixDialog }));
const RadixDialog = lazy(loadDialog);

export interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly wide?: boolean;
}

/** A question or a detail over the page. Until it is opened the first time it costs nothing. */
export function Dialog(props: DialogProps) {
  const [wasOpen, setWasOpen] = useState(props.isOpen);
  if (props.isOpen && !wasOpen) setWasOpen(true);
  return wasOpen ? (
    <Suspense>
      <RadixDialog {...props} />
    </Suspense>
  ) : null;
}
