import { useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import { PANEL } from '../parts/section.tsx';
import { text } from '../text/index.ts';
import { latest, mostOf } from './columns.ts';
import { dataOf, type Line, plot } from './plot.ts';
import { type Colour, useThemeColours } from './use-theme-colours.ts';

const MARKS: Readonly<Record<Colour, string>> = {
  accent: 'bg-accent',
  good: 'bg-good',
  warn: 'bg-warn',
  bad: 'bg-bad',
  quiet: 'bg-quiet',
  line: 'bg-line',
};
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const shown = (value: number | null | undefined): string => (value == null ? '–' : value.toLocaleString());

interface ChartProps {
  readonly title: string;
  /** Begin of each minute, seconds. */
  readonly at: readonly number[];
  readonly lines: readonly Line[];
}

/** Lines over time, with their values at the minute under the pointer, else the latest. */
export function Chart({ title, at, lines }: ChartProps) {
  const { place, point } = usePlot(at, lines);
  const words = text.fleet.charts;
  const said = lines.map(({ label, values }) => words.line(label, shown(latest(values)), shown(mostOf(values))));
  return (
    <figure className={`${PANEL} grid content-between gap-2`}>
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 text-sm">
        <span className="font-medium">{title}</span>
        <span className="flex flex-wrap gap-x-3 text-xs text-quiet" aria-hidden>
          {point === null ? null : <span className="tabular-nums">{CLOCK.format((at[point] ?? 0) * 1_000)}</span>}
          {lines.map(({ label, values, colour }) => (
            <span key={label} className="inline-flex items-center gap-1.5">
              <span className={`inline-block h-0.5 w-3 rounded-full ${MARKS[colour]}`} />
              {label}
              <span className="min-w-4 text-right text-ink tabular-nums">
                {shown(point === null ? latest(values) : values[point])}
              </span>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} role="img" aria-label={words.summary(title, said.join('; '))} className="h-[140px] min-w-0" />
    </figure>
  );
}

function usePlot(at: readonly number[], lines: readonly Line[]) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot>(null);
  const now = useRef({ at, lines });
  const [point, setPoint] = useState<number | null>(null);
  const colours = useThemeColours();
  now.current = { at, lines };
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const chart = plot(element, now.current.at, now.current.lines, colours, setPoint);
    drawn.current = chart;
    const resized = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: chart.height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
      drawn.current = null;
    };
  }, [colours]);
  useEffect(() => drawn.current?.setData(dataOf(at, lines)), [at, lines]);
  return { place, point: point !== null && point < at.length ? point : null };
}
