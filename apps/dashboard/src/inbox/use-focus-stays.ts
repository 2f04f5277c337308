import { type RefObject, useEffect, useRef } from 'react';
import type { Row } from './rows.ts';

const idOf = (row: Row | undefined): string | undefined => (row && 'card' in row ? row.card.ticket.id : undefined);

/** When the card in focus is gone, by its decision or by another person's, the one after it gets the focus: `a`, `a`, `a`. */
export function useFocusStays(rows: readonly Row[], focused: string | undefined, list: RefObject<HTMLElement | null>) {
  const last = useRef(-1);
  useEffect(() => {
    if (focused === undefined) return;
    const at = rows.findIndex((row) => idOf(row) === focused);
    if (at >= 0) {
      last.current = at;
      return;
    }
    const next = idOf(rows[last.current]) ?? idOf(rows[last.current + 1]) ?? idOf(rows[last.current - 1]);
    if (next !== undefined && (document.activeElement === document.body || !document.activeElement))
      list.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(next)}"]`)?.focus();
  }, [rows, focused, list]);
}
