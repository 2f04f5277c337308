import type { TicketRow } from '@pco/shared/contracts/http';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useIsWide } from '../shell/use-is-wide.ts';
import { Row } from './row.tsx';
import { useRowKeys } from './use-row-keys.ts';

const ROW_PX = 60;
const sizeOf = () => ROW_PX;
/** Rows beyond the edge that are ready before they are scrolled to. */
const AHEAD = 4;
/** So many rows before the end the next page is loaded. */
const NEAR_END = 100;

interface TicketRowsProps {
  readonly rows: readonly TicketRow[];
  /** Nothing follows the last row. */
  readonly isWhole: boolean;
  onView(first: number, last: number): void;
  onNearEnd(): void;
}

/** Only what can be seen is in the page, however many tickets there are. */
export function TicketRows({ rows, isWhole, onView, onNearEnd }: TicketRowsProps) {
  const list = useRef<HTMLUListElement>(null);
  const top = useTop(list);
  const isWide = useIsWide();
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: sizeOf,
    overscan: AHEAD,
    scrollMargin: top,
    scrollPaddingStart: 8,
    scrollPaddingEnd: 72, // the bar at the bottom of a phone
  });
  useRowKeys(list, rows.length, (index) => virtual.scrollToIndex(index));
  const items = virtual.getVirtualItems();
  const first = items.at(0)?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onView(first, last), [first, last, onView]);
  const isNearEnd = last >= rows.length - NEAR_END;
  useEffect(() => {
    if (isNearEnd) onNearEnd();
  });
  return (
    <ul
      ref={list}
      className="relative rounded-lg border border-line bg-surface [contain:layout_style]"
      style={{ height: virtual.getTotalSize() + 2 }}
    >
      {items.map(({ index, start }) => {
        const row = rows[index];
        if (!row) return null;
        return (
          <li
            key={row.id}
            data-index={index}
            aria-setsize={isWhole ? rows.length : -1}
            aria-posinset={index + 1}
            className="absolute inset-x-0 top-0 border-line [contain:strict] not-first:border-t"
            style={{ height: ROW_PX, transform: `translateY(${start - top}px)` }}
          >
            <Row row={row} isWide={isWide} />
          </li>
        );
      })}
    </ul>
  );
}

/** How far below the top of the page the list begins; what stands above it may wrap. */
function useTop(list: React.RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [list]);
  return top;
}
