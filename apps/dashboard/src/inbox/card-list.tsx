import type { Inbox } from '@pco/shared/contracts/http';
import { defaultRangeExtractor, type Range, useWindowVirtualizer, windowScroll } from '@tanstack/react-virtual';
import { type RefObject, startTransition, useEffect, useMemo, useRef, useState } from 'react';
import type { Card } from '../actions/kind.ts';
import { turn } from '../shell/first-picture.ts';
import { text } from '../text/index.ts';
import { indexOf, type Row, rowsOf } from './rows.ts';
import { TicketCard } from './ticket-card.tsx';
import { useFocusStays } from './use-focus-stays.ts';

interface CardListProps {
  readonly cards: readonly Card[];
  readonly counts: Inbox['counts'];
  /** The end of what is loaded is near. */
  onNearEnd(): void;
  readonly mayDecide: boolean;
  readonly list: RefObject<HTMLUListElement | null>;
}

const HEADING_PX = 36;
const CARD_PX = 190;
const ABOVE_PX = 190; // header, title and filter
const NEAR_END = 25;
const AROUND = 30; // so many beyond what is seen that short lists stand there as a whole, and the browser finds in them
const AROUND_AT_FIRST = 0; // what is seen comes before what is not, …
const AROUND_STEP = 1; // … and nothing for so long that a key would have to wait

/** It begins by scrolling to where the window is already, for which the browser would have to lay out everything at once. */
const stay = (): void => undefined;

const keyOf = (row: Row): string => ('card' in row ? `${row.card.ticket.id} ${row.card.kind}` : row.kind);

/** Only what is near the window stands in the page, however many cards there are. */
export function CardList({ cards, counts, onNearEnd, mayDecide, list }: CardListProps) {
  const rows = useMemo(() => rowsOf(cards, counts), [cards, counts]);
  const [around, setAround] = useState(AROUND_AT_FIRST);
  useEffect(() => {
    if (around < AROUND) void turn().then(() => startTransition(() => setAround(around + AROUND_STEP)));
  }, [around]);
  const inFocus = useRef<string>(undefined);
  const [, setFocused] = useState<string>();
  // the first cards follow each other as the browser puts them: to measure and place them takes another round of drawing
  const isPlaced = around > AROUND_AT_FIRST;
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => (rows[index] && 'card' in rows[index] ? CARD_PX : HEADING_PX),
    getItemKey: (index) => (rows[index] ? keyOf(rows[index]) : index),
    overscan: around,
    scrollMargin: list.current?.offsetTop ?? ABOVE_PX,
    initialRect: { width: innerWidth, height: innerHeight }, // or the first picture would be empty
    scrollToFn: isPlaced ? windowScroll : stay,
    rangeExtractor: (range) => withFocused(range, indexOf(rows, inFocus.current)),
  });
  useFocusStays({ rows, focused: inFocus, list });
  const shown = virtual.getVirtualItems();
  const [height, above] = [virtual.getTotalSize(), (shown[0]?.start ?? 0) - virtual.options.scrollMargin];
  const isNearEnd = (virtual.range?.endIndex ?? 0) > rows.length - NEAR_END;
  useEffect(() => {
    if (isNearEnd) onNearEnd();
  });
  return (
    <ul
      ref={list}
      className="relative"
      style={isPlaced ? { height } : { minHeight: height, paddingTop: Math.max(0, above) }}
      onFocus={({ target }) => {
        if (!list.current?.contains(target)) return; // of a dialog that a card has opened: React passes it on
        const id = target.closest<HTMLElement>('[data-card]')?.dataset.card;
        inFocus.current = id;
        startTransition(() => setFocused(id)); // to keep its neighbours, of which those in sight stand there already
      }}
    >
      {shown.map(({ index, key, start }) => {
        const row = rows[index];
        return row ? (
          <li
            key={key}
            ref={isPlaced ? virtual.measureElement : undefined}
            data-index={index}
            className={isPlaced ? 'absolute inset-x-0 top-0 pb-3' : 'pb-3'}
            style={isPlaced ? { transform: `translateY(${start - virtual.options.scrollMargin}px)` } : undefined}
          >
            {'card' in row ? <TicketCard card={row.card} mayDecide={mayDecide} /> : <Heading {...row} />}
          </li>
        ) : null;
      })}
    </ul>
  );
}

/** Who has the focus keeps it, also out of sight, and so do its neighbours, to which j and k go. */
function withFocused(range: Range, at: number): number[] {
  const near = defaultRangeExtractor(range);
  if (at < 0) return near;
  const around = [-2, -1, 0, 1, 2].map((by) => at + by).filter((one) => one >= 0 && one < range.count);
  return [...new Set([...near, ...around])].sort((a, b) => a - b);
}

const Heading = ({ kind, count }: Extract<Row, { kind: unknown }>) => (
  <h2 className="flex items-baseline gap-2 pt-1 text-sm font-semibold">
    {text.inbox.kinds[kind]}
    <span className="font-normal text-quiet">{count}</span>
  </h2>
);
