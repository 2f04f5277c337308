import type { IndexedTicket } from './ticket-row.ts';

/** Where a ticket stands in the order of lists; it stays there for the whole of its round. */
export type Place = Pick<IndexedTicket, 'begunAt' | 'id'>;

/** Tickets in the order of lists. Adding, removing and finding a place cost about the same however many there are. */
export interface Sorted {
  add(ticket: IndexedTicket): void;
  remove(ticket: IndexedTicket): void;
  /** In no order that means anything. */
  all(): IndexedTicket[];
  /** Those with every one of these words, newest first, from the ticket that follows a place. */
  newestFirst(words: readonly string[], after?: Place): Generator<IndexedTicket>;
}

/** Short enough to be moved for nothing, long enough that a look into its text saves many looks. */
const CHUNK = 512;

interface Chunk {
  /** Oldest first, never empty. */
  items: IndexedTicket[];
  /** All their texts in one, made when somebody looks for words: one search passes over all that have none. */
  text: string | undefined;
}

export function createSorted(chunkSize = CHUNK): Sorted {
  const chunks: Chunk[] = [];

  /** The chunk where a place is or would be. */
  const chunkOf = (place: Place): number =>
    Math.max(0, countBefore(chunks, ({ items: [first] }) => first !== undefined && !isBefore(place, first)) - 1);

  const split = (at: number, { items }: Chunk): void => {
    if (items.length <= chunkSize) return;
    // at the end of all, where new ones come, full chunks stay full
    const keep = at === chunks.length - 1 ? chunkSize : items.length >>> 1;
    chunks.splice(at + 1, 0, { items: items.splice(keep), text: undefined });
  };

  return {
    add(ticket) {
      const at = chunkOf(ticket);
      const chunk = chunks[at];
      if (!chunk) return void chunks.push({ items: [ticket], text: undefined });
      chunk.items.splice(
        countBefore(chunk.items, (item) => isBefore(item, ticket)),
        0,
        ticket,
      );
      chunk.text = undefined;
      split(at, chunk);
    },
    remove(ticket) {
      const at = chunkOf(ticket);
      const chunk = chunks[at];
      const place = chunk ? countBefore(chunk.items, (item) => isBefore(item, ticket)) : 0;
      if (!chunk || chunk.items[place]?.id !== ticket.id) return;
      chunk.items.splice(place, 1);
      chunk.text = undefined;
      if (chunk.items.length === 0) chunks.splice(at, 1);
    },
    all: () => chunks.flatMap(({ items }) => items),
    *newestFirst(words, after) {
      for (let at = after ? chunkOf(after) : chunks.length - 1; at >= 0; at -= 1) {
        const chunk = chunks[at];
        if (!chunk || !holds(textOf(chunk, words), words)) continue;
        const { items } = chunk;
        for (let i = (after ? countBefore(items, (item) => isBefore(item, after)) : items.length) - 1; i >= 0; i -= 1) {
          const item = items[i];
          if (item && holds(item.text, words)) yield item;
        }
      }
    },
  };
}

/** A word has no line break in it, so none is found across two tickets. */
function textOf(chunk: Chunk, words: readonly string[]): string {
  if (words.length === 0) return '';
  chunk.text ??= chunk.items.map(({ text }) => text).join('\n');
  return chunk.text;
}

const holds = (text: string, words: readonly string[]): boolean => words.every((word) => text.includes(word));

/** How many at the begin of a list are so; all that are stand before all that are not. */
function countBefore<Item>(items: readonly Item[], isSo: (item: Item) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && isSo(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const isBefore = (a: Place, b: Place): boolean =>
  a.begunAt < b.begunAt || (a.begunAt === b.begunAt && a.id < b.id);
