import { isCode } from '@pco/shared/errors';
import type { Page, WorkItemRow } from '@pco/shared/plane';
import { MINUTE_MS, SECOND_MS } from '@pco/shared/time';
import { firstLargePage, listPage, SMALL_PAGE } from './list-page.ts';
import type { Poll } from './poll.ts';
import type { Cursor, Seen } from './poll-store.ts';
import { readChange } from './read-change.ts';

/** `updated_at` is stamped before the commit, and by several processes: a row may appear so late behind newer ones. */
const OVERLAP_US = 2 * MINUTE_MS * 1_000;
/** So many changes at once could hide a late row behind the first page; then everything is read once more. */
const MANY = SMALL_PAGE / 2;
const REREAD_MS = 30 * SECOND_MS;

interface Changed {
  readonly row: WorkItemRow;
  readonly before: Seen | null;
}

export interface Feed {
  readonly triggered: number;
  /** Work items that Plane says there are, less those there should be. */
  readonly gap: number;
  /** As it is to be saved when nothing else comes in between. */
  readonly cursor: Cursor;
}

/**
 * Reads what changed since the last poll, oldest change first; when nothing did, that is one request. A difference
 * counts, not a later time: clocks and rollbacks exist. Each row is remembered when what follows from it is committed.
 *
 * @returns null when another poller has taken the project over
 * @throws the first failure of a single row, after all others were read
 */
export async function readFeed(poll: Poll, last: Cursor, now: number): Promise<Feed | null> {
  const list = await listChanged(poll, last, now);
  if (!list) return null;
  const { changed, total, watermarkUs } = list;
  let triggered = 0;
  let failure: unknown;
  for (const { row, before } of await inOrder(poll, changed)) {
    try {
      const found = await readChange(poll, last, row, before);
      if (found === null) return null;
      triggered += found ? 1 : 0;
    } catch (err) {
      if (!isOfThisRow(err)) throw err;
      failure ??= err;
    }
  }
  if (failure) throw failure;
  const isMany = changed.length >= MANY;
  const rereadUs = isMany ? last.watermarkUs - OVERLAP_US : list.isReread ? 0 : last.rereadUs;
  const cursor = {
    ...last,
    watermarkUs,
    total: poll.count.total,
    polledAt: now,
    rereadUs: isMany && last.rereadUs > 0 && !list.isReread ? Math.min(last.rereadUs, rereadUs) : rereadUs,
    rereadAt: isMany ? now + REREAD_MS : last.rereadAt,
  };
  return { triggered, gap: total - cursor.total, cursor };
}

/** One row that cannot be read must not hide the others; what fails for all is not tried again and again. */
const isOfThisRow = (err: unknown): boolean =>
  isCode(err, 'PLANE_BAD_ANSWER', 'PLANE_NOT_FOUND', 'PLANE_REFUSED', 'PAYLOAD_INVALID', 'TICKET_TOO_LARGE');

/** Pages until one ends with a row that has not changed. */
async function listChanged(poll: Poll, last: Cursor, now: number) {
  const { polls, sweeps, projectId, rules } = poll;
  const isReread = last.rereadUs > 0 && now >= last.rereadAt;
  const changed = new Map<string, Changed>();
  const stale = new Set<string>();
  let watermarkUs = last.watermarkUs;
  let perPage = SMALL_PAGE;
  let page: Page<WorkItemRow> | null = isReread
    ? await large()
    : await listPage(poll, { perPage, page: null, fields: rules.fields });
  const total = page.totalCount;
  for (;;) {
    const { rows, nextCursor }: Page<WorkItemRow> = page;
    const before = await polls.seen(
      projectId,
      rows.map(({ id }) => id),
    );
    for (const [i, row] of rows.entries()) {
      const known = before[i] ?? null;
      watermarkUs = Math.max(watermarkUs, row.updatedUs);
      if (changed.has(row.id) || (known?.updatedUs === row.updatedUs && !known.gone)) continue;
      // older than what was seen: a copy of Plane's database that lags behind, or a restored one
      if (known && row.updatedUs < known.updatedUs) stale.add(row.id);
      else changed.set(row.id, { row, before: known });
    }
    const oldest = rows.at(-1);
    const isMore = oldest && (changed.has(oldest.id) || (isReread && oldest.updatedUs >= last.rereadUs));
    if (!isMore || nextCursor === null) break;
    if (!poll.token()) return null;
    page =
      perPage === SMALL_PAGE && poll.largestPage.rows > SMALL_PAGE
        ? await large()
        : await listPage(poll, { perPage, page: nextCursor, fields: rules.fields });
  }
  await sweeps.doubt(projectId, [...stale]);
  return { changed: [...changed.values()], total, watermarkUs, isReread };

  /** From the front again, with many more rows on a page: a page of another size begins elsewhere. */
  async function large(): Promise<Page<WorkItemRow>> {
    const first = await firstLargePage(poll, rules.fields);
    perPage = first.perPage;
    return first.page;
  }
}

/** Oldest first; but a bulk edit may take minutes of the budget, and who works on a ticket waits for none of it. */
async function inOrder({ core }: Poll, changed: readonly Changed[]): Promise<Changed[]> {
  const oldestFirst = changed.toSorted((a, b) => a.row.updatedUs - b.row.updatedUs);
  if (changed.length < 2) return oldestFirst;
  const tickets = await Promise.all(oldestFirst.map(({ row }) => core.store.ticketOf(row.id)));
  return [...oldestFirst.filter((_, i) => tickets[i] !== null), ...oldestFirst.filter((_, i) => tickets[i] === null)];
}
