/** One measured figure. With a target it is marked as met or MISSED; a miss never fails the run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** To the baseline that the section names. */
  readonly ratio?: number;
  readonly target?: { readonly atLeast: number } | { readonly below: number };
  /** What the value is compared with, or made of. */
  readonly note?: string;
}

export interface Section {
  readonly title: string;
  /** What exactly is compared; printed above the figures. */
  readonly about: readonly string[];
  readonly figures: readonly Figure[];
}

export const isMet = ({ value, target }: Figure): boolean | undefined => {
  if (!target) return undefined;
  return 'atLeast' in target ? value >= target.atLeast : value < target.below;
};

export function renderSection({ title, about, figures }: Section): string {
  const rows = figures.map((figure) => [
    figure.name,
    number(figure.value),
    figure.unit,
    figure.ratio === undefined ? '' : `${number(figure.ratio)} × baseline`,
    verdict(figure),
    figure.note ?? '',
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return [`\n${title}`, ...about.map((line) => `  ${line}`), ...lines.map((line) => `    ${line}`)].join('\n');
}

const number = (value: number): string => {
  if (Number.isNaN(value)) return '–';
  if (value >= 1_000) return String(Math.round(value));
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
};

/** As it was written, or as it came out of a measurement. */
const limit = (value: number): string =>
  Number.isInteger(value * 100) ? String(value) : value.toFixed(value >= 10 ? 1 : 3);

function verdict(figure: Figure): string {
  const { target } = figure;
  if (!target) return '';
  const wanted = 'atLeast' in target ? `>= ${limit(target.atLeast)}` : `< ${limit(target.below)}`;
  return `${isMet(figure) ? 'ok' : 'MISSED'} (${wanted})`;
}
