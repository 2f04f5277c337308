import type { IndexedTicket } from './ticket-row.ts';

/** Where a ticket stands in the order of lists; it stays there for the whole of its round. */
export type Place = Pick<IndexedTicket, 'begunAt' | 'id'>;

export interface Sorted {
  /** Oldest first: new ones come at the end, where adding costs nothing. */
  readonly items: readonly IndexedTicket[];
  /** Number of those that stand before a place. */
  before(place: Place): number;
  add(ticket: IndexedTicket): void;
  remove(ticket: IndexedTicket): void;
}

export function createSorted(): Sorted {
  const items: IndexedTicket[] = [];
  const before = (place: Place): number => {
    let [low, high] = [0, items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = items[middle];
      if (item && isBefore(item, place)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    items,
    before,
    add: (ticket) => void items.splice(before(ticket), 0, ticket),
    remove(ticket) {
      const at = before(ticket);
      if (items[at]?.id === ticket.id) items.splice(at, 1);
    },
  };
}

const isBefore = (a: Place, b: Place): boolean => a.begunAt < b.begunAt || (a.begunAt === b.begunAt && a.id < b.id);
