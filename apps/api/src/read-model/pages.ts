import { createBoundedCache } from './bounded-cache.ts';
import { cursorOf } from './cursor.ts';
import type { PageQuery, TicketIndex } from './ticket-index.ts';

/** So many bytes of pages are kept ready. */
const KEPT_BYTES = 8_000_000;

interface Kept {
  readonly index: TicketIndex;
  readonly changes: number;
  readonly answer: Buffer;
}

/** Pages of lists as JSON. Whoever asks what somebody has asked since the last change is sent the same bytes. */
export function createPages() {
  const kept = createBoundedCache<Kept>(KEPT_BYTES, ({ answer }) => answer.length);
  return (index: TicketIndex, query: PageQuery): Buffer => {
    const key = JSON.stringify(query);
    const changes = index.changes();
    const ready = kept.get(key);
    if (ready?.index === index && ready.changes === changes) return ready.answer;
    const answer = Buffer.from(pageOf(index, query));
    kept.put(key, { index, changes, answer });
    return answer;
  };
}

function pageOf(index: TicketIndex, query: PageQuery): string {
  const { tickets, isFull } = index.page(query);
  const last = isFull ? tickets.at(-1) : undefined;
  const next = last ? `"${cursorOf(last)}"` : 'null';
  return `{"tickets":[${tickets.map(({ json }) => json).join(',')}],"next_cursor":${next}}`;
}
