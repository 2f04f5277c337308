import type { History, HistoryColumn } from '@pco/shared/contracts/http';

/** Of several columns the sum in each minute; a gap where nobody looked. */
export function sumOf(columns: readonly HistoryColumn[]): HistoryColumn {
  const [first = []] = columns;
  return first.map((_, at) => {
    const known = columns.flatMap((column) => column[at] ?? []);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
  });
}

export const ofQueues = ({ queues }: History, of: keyof History['queues'][string]): HistoryColumn =>
  sumOf(Object.values(queues).map((columns) => columns[of]));

/** The newest value that is known, unless it is older than a few minutes. */
export function latest(column: HistoryColumn | undefined): number | null {
  return column?.slice(-3).findLast((value) => value !== null) ?? null;
}

export const mostOf = (column: HistoryColumn): number | null =>
  column.reduce<number | null>((most, value) => (value === null ? most : Math.max(most ?? value, value)), null);
