import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { HistoryColumn } from '@pco/shared/contracts/http';
import type { Colour, Colours } from './use-theme-colours.ts';

export interface Line {
  readonly label: string;
  readonly values: HistoryColumn;
  readonly colour: Colour;
  /** Dashed: a limit, and nothing that happens. */
  readonly isLimit?: boolean;
}

const HEIGHT = 140;
const FONT = '11px system-ui, sans-serif';
/** Of a scale of whole numbers. */
const STEPS = [1, 10, 100, 1_000, 10_000, 100_000].flatMap((power) => [power, 2 * power, 5 * power]);
const SHORT = new Intl.NumberFormat(undefined, { notation: 'compact' });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** Room for whole numbers: a line that is never above 1 does not fill the chart with fractions. */
const rangeFrom0 = (_: uPlot, __: number, most: number): [number, number] => [0, Math.max(4, Math.ceil(most * 1.1))];

const axis = (colours: Colours): uPlot.Axis => ({
  stroke: colours.quiet,
  font: FONT,
  grid: { stroke: colours.line, width: 1 },
  ticks: { show: false },
});

const seriesOf = ({ label, colour, isLimit = false }: Line, colours: Colours): uPlot.Series => ({
  label,
  stroke: colours[colour],
  width: isLimit ? 1 : 1.75,
  ...(isLimit ? { dash: [4, 4] } : {}),
  spanGaps: false,
  points: { size: 4 },
});

/** A chart on a canvas. Moving over one of them points at the same minute in all. */
export function plot(
  place: HTMLElement,
  at: readonly number[],
  lines: readonly Line[],
  colours: Colours,
  onPoint: (index: number | null) => void,
): uPlot {
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 }, sync: { key: 'fleet' } },
    scales: { y: { range: rangeFrom0 } },
    axes: [
      { ...axis(colours), size: 24, space: 64, values: (_, splits) => splits.map((s) => CLOCK.format(s * 1_000)) },
      {
        ...axis(colours),
        size: 34,
        space: 28,
        incrs: STEPS,
        values: (_, splits) => splits.map((n) => SHORT.format(n)),
      },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, colours))],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
  return new uPlot(options, dataOf(at, lines), place);
}

export const dataOf = (at: readonly number[], lines: readonly Line[]): uPlot.AlignedData => [
  [...at],
  ...lines.map(({ values }) => values),
];
