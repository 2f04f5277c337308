import { type ReactNode, useEffect } from 'react';
import { pictureDrawn } from '../shell/first-picture.ts';
import { nameWindow } from './window-title.ts';

/** Of the tab in the browser; whoever names it shows something. */
export function useWindowTitle(title: string | undefined): void {
  useEffect(() => {
    if (title !== undefined) nameWindow(title);
  }, [title]);
  useEffect(pictureDrawn, []);
}

interface PageProps {
  readonly title: ReactNode;
  /** Of the browser's window; the title where that is text. */
  readonly windowTitle?: string;
  /** Right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Uses the width of the window: tables, terminals. */
  readonly wide?: boolean;
}

/** The frame of every page: its title, what can be done with all of it, and the rest. */
export function Page({ title, windowTitle, actions, children, wide = false }: PageProps) {
  useWindowTitle(windowTitle ?? (typeof title === 'string' ? title : undefined));
  return (
    <div className={`mx-auto grid w-full min-w-0 gap-4 p-4 md:p-6 ${wide ? '' : 'max-w-4xl'}`}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="min-w-0 text-xl font-semibold wrap-anywhere">{title}</h1>
        {actions}
      </div>
      {children}
    </div>
  );
}
