import { type RefObject, useEffect, useRef } from 'react';
import type { Row } from './rows.ts';

const idOf = (row: Row | undefined): string | undefined => (row && 'card' in row ? row.card.ticket.id : undefined);

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
    const indexIn = (some: readonly Row[]) => some.findIndex((row) => idOf(row) === id);
    const [was, is] = [indexIn(before.current), indexIn(rows)];
    before.current = rows;
    if (id === undefined) return;
    if (is >= 0 || was >= 0) last.current = is >= 0 ? is : was;
    if (is >= 0) return;
    const next = idOf(rows[last.current]) ?? idOf(rows[last.current + 1]) ?? idOf(rows[last.current - 1]);
    if (next !== undefined && (document.activeElement === document.body || !document.activeElement))
      list.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(next)}"]`)?.focus();
  }, [rows, focused, list]);
}
