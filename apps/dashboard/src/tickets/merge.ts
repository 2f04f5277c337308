import type { TicketList, TicketRow } from '@pco/shared/contracts/http';

/** A page as it was last loaded: `after` is the last row of the page before, undefined at the top. */
export interface Loaded {
  readonly after: TicketRow | undefined;
  readonly page: TicketList;
}

/** The order of the list: newest round first. */
const compare = (a: TicketRow, b: TicketRow): number =>
  a.begun_at === b.begun_at ? (a.id < b.id ? 1 : a.id > b.id ? -1 : 0) : a.begun_at < b.begun_at ? 1 : -1;

/**
 * Pages as they were loaded while somebody scrolled, and those in view as they are now. What is in view counts: a ticket
 * that a fresh page does not hold any more is gone from its part of the list, and of two versions the newer one stands.
 */
export function merge(pages: readonly TicketList[], fresh: readonly Loaded[]): TicketRow[] {
  const rows = new Map<string, TicketRow>();
  const add = (row: TicketRow) => {
    const known = rows.get(row.id);
    if (!known || known.version < row.version) rows.set(row.id, row);
  };
  for (const row of pages.flatMap(({ tickets }) => tickets)) if (!fresh.some((one) => covers(one, row))) add(row);
  for (const row of fresh.flatMap(({ page }) => page.tickets)) add(row);
  return [...rows.values()].sort(compare);
}

function covers({ after, page }: Loaded, row: TicketRow): boolean {
  const last = page.next_cursor === null ? undefined : page.tickets.at(-1);
  return (!after || compare(row, after) > 0) && (!last || compare(row, last) <= 0);
}
