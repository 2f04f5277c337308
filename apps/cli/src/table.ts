import { fit, oneLine, padded, widthOf } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string | number | null | undefined;
  /** Gives way when the terminal is narrow. */
  readonly gives?: boolean;
  /** Colours a cell after it was laid out. */
  readonly paint?: (cell: string, row: Row) => string;
}

const GAP = 2;
const NARROWEST = 8;

/**
 * Rows under their titles, as wide as they need, but no wider than `width` as long as something can give way.
 * Nothing in a cell reaches the terminal but what can be read.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
  bold: (text: string) => string = (text) => text,
): string[] {
  const cells = rows.map((row) => columns.map((column) => oneLine(String(column.of(row) ?? '-')) || '-'));
  const wanted = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...cells.map((line) => widthOf(line[at] ?? ''))),
  );
  const widths = narrowed(wanted, columns, width);
  const lineOf = (line: readonly string[], paint: (cell: string, at: number) => string): string =>
    line
      .map((cell, at) => {
        const fitted = fit(cell, widths[at] ?? 0);
        return paint(at === line.length - 1 ? fitted : padded(fitted, widths[at] ?? 0), at);
      })
      .join(' '.repeat(GAP));
  const titles = columns.map(({ title }) => title);
  return [
    lineOf(titles, bold),
    ...rows.map((row, index) => lineOf(cells[index] ?? [], (cell, at) => columns[at]?.paint?.(cell, row) ?? cell)),
  ];
}

/** Takes what is too much from the widest that may give, one cell at a time. */
function narrowed<Row>(wanted: readonly number[], columns: readonly Column<Row>[], width: number): number[] {
  const widths = [...wanted];
  const total = () => widths.reduce((sum, each) => sum + each, 0) + GAP * (widths.length - 1);
  for (let over = total() - width; over > 0; over--) {
    const givers = widths.flatMap((each, at) => (columns[at]?.gives && each > NARROWEST ? [{ each, at }] : []));
    const [widest] = givers.sort((a, b) => b.each - a.each);
    if (!widest) break;
    widths[widest.at] = widest.each - 1;
  }
  return widths;
}
