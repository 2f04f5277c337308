import { type RefObject, useEffect, useRef } from 'react';
import { idOf, indexOf, type Row } from './rows.ts';

interface FocusKept {
  readonly rows: readonly Row[];
  /** The ticket whose card has, or last had, the focus. */
  readonly focused: RefObject<string | undefined>;
  readonly list: RefObject<HTMLUListElement | null>;
}

/** When the card in focus is gone, by its decision or by another person's, the one after it gets the focus: `a`, `a`, `a`. */
export function useFocusStays({ rows, focused, list }: FocusKept): void {
  const before = useRef(rows);
  const last = useRef(-1);
  useEffect(() => {
    const id = focused.current;
    const [was, is] = [indexOf(before.current, id), indexOf(rows, id)];
    before.current = rows;
    if (id === undefined) return;
    if (is >= 0 || was >= 0) last.current = is >= 0 ? is : was;
    if (is >= 0) return;
    const next = idOf(rows[last.current]) ?? idOf(rows[last.current + 1]) ?? idOf(rows[last.current - 1]);
    if (next !== undefined && (document.activeElement === document.body || !document.activeElement))
      list.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(next)}"]`)?.focus();
  }, [rows, focused, list]);
}
