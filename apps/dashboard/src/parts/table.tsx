import type { ReactNode } from 'react';

export interface Column<Row> {
  readonly label: string;
  readonly isNumber?: boolean;
  /** Left out on a phone. */
  readonly isExtra?: boolean;
  cell(row: Row): ReactNode;
}

const sideOf = ({ isNumber = false, isExtra = false }: Omit<Column<never>, 'cell'>): string =>
  `px-4 py-2.5 ${isNumber ? 'text-right tabular-nums' : 'text-left'} ${isExtra ? 'max-md:hidden' : ''}`;

interface TableProps<Row> {
  readonly label: string;
  /** The first one names its row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  keyOf(row: Row): string;
}

/** Rows of figures. */
export const Table = <Row,>({ label, columns, rows, keyOf }: TableProps<Row>) => (
  <div className="overflow-hidden rounded-lg border border-line bg-surface">
    <table className="w-full text-sm" aria-label={label}>
      <thead>
        <tr className="border-b border-line text-xs text-quiet">
          {columns.map((column) => (
            <th key={column.label} scope="col" className={`${sideOf(column)} font-medium`}>
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} className="border-line not-last:border-b">
            {columns.map((column, at) =>
              at === 0 ? (
                <th key={column.label} scope="row" className={`${sideOf(column)} font-normal`}>
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.label} className={sideOf(column)}>
                  {column.cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
