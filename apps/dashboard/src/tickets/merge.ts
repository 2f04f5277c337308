import type { TicketList, TicketRow } from '@pco/shared/contracts/http';

/** A page as it was last loaded: `after` is the last row of the page before, undefined at the top. */
export interface Loaded {
  readonly after: TicketRow | undefined;
  readonly page: TicketList;
}

/** The order of the list: newest round first. */
const compare = (a: TicketRow, b: TicketRow): number =>
  a.begun_at === b.begun_at ? (a.id < b.id ? 1 : a.id > b.id ? -1 : 0) : a.begun_at < b.begun_at ? 1 : -1;

type Merge = (pages: readonly TicketList[], fresh: readonly Loaded[]) => readonly TicketRow[];

/**
 * Pages as they were loaded while somebody scrolled, and those in view as they are now. What is in view counts: a ticket
 * that a fresh page does not hold any more is gone from its part of the list, and of two versions the newer one stands.
 * Pages that were merged before are not gone through again: one more costs what it holds, and not what there is.
 */
export function createMerge(): Merge {
  let taken: readonly TicketList[] = [];
  let rows: TicketRow[] = [];
  const known = new Map<string, TicketRow>();

  function take(pages: readonly TicketList[]): void {
    if (taken.some((page, at) => page !== pages[at])) {
      taken = [];
      rows = [];
      known.clear();
    }
    let isInOrder = true;
    for (const row of pages.slice(taken.length).flatMap(({ tickets }) => tickets)) {
      const before = known.get(row.id);
      if (before && before.version >= row.version) continue;
      const last = rows.at(-1);
      if (before || (last && compare(last, row) > 0)) isInOrder = false;
      known.set(row.id, row);
      rows.push(row);
    }
    if (!isInOrder) rows = [...known.values()].sort(compare);
    taken = pages;
  }

  return (pages, fresh) => {
    take(pages);
    const kept = uncovered(rows, fresh);
    const news = new Map<string, TicketRow>();
    const outdated = new Set<string>();
    for (const row of fresh.flatMap(({ page }) => page.tickets)) {
      const before = known.get(row.id);
      const stands = before && fresh.some((one) => covers(one, before)) ? undefined : before;
      const newest = news.get(row.id) ?? stands;
      if (newest && newest.version >= row.version) continue;
      if (stands) outdated.add(row.id);
      news.set(row.id, row);
    }
    const rest = outdated.size > 0 ? kept.filter(({ id }) => !outdated.has(id)) : kept;
    return interleave(rest, [...news.values()].sort(compare));
  };
}

const lastOf = ({ next_cursor, tickets }: TicketList): TicketRow | undefined =>
  next_cursor === null ? undefined : tickets.at(-1);

function covers({ after, page }: Loaded, row: TicketRow): boolean {
  const last = lastOf(page);
  return (!after || compare(row, after) > 0) && (!last || compare(row, last) <= 0);
}

/** What lies in no part of the list that was loaded anew. */
function uncovered(rows: readonly TicketRow[], fresh: readonly Loaded[]): TicketRow[] {
  const covered = fresh
    .map(({ after, page }) => {
      const last = lastOf(page);
      return { from: after ? upTo(rows, after) : 0, to: last ? upTo(rows, last) : rows.length };
    })
    .sort((a, b) => a.from - b.from);
  const parts: (readonly TicketRow[])[] = [];
  let at = 0;
  for (const { from, to } of covered) {
    if (at < from) parts.push(rows.slice(at, from));
    at = Math.max(at, from, to);
  }
  return [...parts, rows.slice(at)].flat();
}

/** How many of the rows come before a row or are in its place. */
function upTo(rows: readonly TicketRow[], row: TicketRow): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const one = rows[middle];
    if (one && compare(one, row) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Two lists in order as one. */
function interleave(many: readonly TicketRow[], few: readonly TicketRow[]): TicketRow[] {
  const parts: (readonly TicketRow[])[] = [];
  let at = 0;
  for (const row of few) {
    const to = upTo(many, row);
    parts.push(many.slice(at, to), [row]);
    at = to;
  }
  return [...parts, many.slice(at)].flat();
}
