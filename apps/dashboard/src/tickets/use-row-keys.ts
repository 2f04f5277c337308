import { type RefObject, useEffect, useRef } from 'react';

/** j and k go from row to row; Enter opens the one in focus, because it is a link. Not while somebody writes or is asked. */
export function useRowKeys(
  list: RefObject<HTMLElement | null>,
  count: number,
  scrollTo: (index: number) => void,
): void {
  const wanted = useRef<number>(undefined);
  const focusWanted = () => {
    const link = list.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] a`);
    if (!link) return;
    wanted.current = undefined;
    link.focus({ preventScroll: true });
  };
  useEffect(() => {
    if (wanted.current !== undefined) focusWanted(); // it was not in the page when the key was pressed
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const step = stepOf(event);
      if (step === 0) return;
      event.preventDefault();
      const next = Math.min(Math.max((wanted.current ?? indexInFocus()) + step, 0), count - 1);
      wanted.current = next;
      scrollTo(next);
      focusWanted();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

/** -1 where none has the focus. */
function indexInFocus(): number {
  const row = document.activeElement?.closest('[data-index]');
  return row ? Number(row.getAttribute('data-index')) : -1;
}

function stepOf({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): number {
  if (ctrlKey || metaKey || altKey || document.querySelector('[role=dialog]')) return 0;
  if (target instanceof Element && target.closest('input, textarea, select')) return 0;
  return key === 'j' ? 1 : key === 'k' ? -1 : 0;
}
