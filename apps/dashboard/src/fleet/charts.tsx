import type { History } from '@pco/shared/contracts/http';
import { useMemo, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Banner } from '../parts/failure.tsx';
import { Section } from '../parts/section.tsx';
import { Loading } from '../parts/states.tsx';
import { text } from '../text/index.ts';
import { Chart } from './chart.tsx';
import { ofQueues, sumOf } from './columns.ts';
import type { Line } from './plot.ts';
import { useHistory } from './use-fleet.ts';

const RANGES = [60, 360, 1440] as const;
type Range = (typeof RANGES)[number];

/** How it was in the last hours. */
export function Charts() {
  const [minutes, setMinutes] = useState<Range>(360);
  const { data, error, refetch } = useHistory(minutes);
  const words = text.fleet.charts;
  return (
    <Section title={words.title} actions={<Ranges chosen={minutes} onChoose={setMinutes} />}>
      {error && !data ? <Banner error={error} onDismiss={() => void refetch()} /> : null}
      {data ? <All history={data} /> : error ? null : <Loading />}
    </Section>
  );
}

const Ranges = ({ chosen, onChoose }: { readonly chosen: Range; readonly onChoose: (range: Range) => void }) => (
  <fieldset className="flex gap-1" aria-label={text.fleet.range}>
    {RANGES.map((range) => (
      <Button
        key={range}
        aria-pressed={range === chosen}
        className="aria-pressed:bg-raised aria-pressed:font-semibold"
        onClick={() => onChoose(range)}
      >
        {text.fleet.ranges[range]}
      </Button>
    ))}
  </fieldset>
);

function All({ history }: { readonly history: History }) {
  const charts = useMemo(() => chartsOf(history), [history]);
  const points = history.sessions.filter((value) => value !== null).length;
  return (
    <>
      <div className="grid gap-4 lg:grid-cols-2 lg:[&>:last-child]:col-span-2 xl:grid-cols-3">
        {charts.map(({ title, lines }) => (
          <Chart key={title} title={title} at={history.at} lines={lines} />
        ))}
      </div>
      {points < 5 ? <p className="text-sm text-quiet">{text.fleet.charts.few}</p> : null}
    </>
  );
}

function chartsOf(history: History): { readonly title: string; readonly lines: readonly Line[] }[] {
  const { tickets, sessions, slots, plane } = history;
  const words = text.fleet.charts;
  return [
    {
      title: words.sessions,
      lines: [
        { label: words.running, values: sessions, colour: 'accent' },
        { label: words.slots, values: sumOf([slots.used, slots.free]), colour: 'quiet', isLimit: true },
      ],
    },
    {
      title: words.people,
      lines: [
        { label: words.pending, values: tickets.pending, colour: 'accent' },
        { label: words.asking, values: tickets.waiting, colour: 'warn' },
        { label: words.completed, values: tickets.completed, colour: 'good' },
        { label: words.failed, values: tickets.failed, colour: 'bad' },
      ],
    },
    {
      title: words.queues,
      lines: [
        { label: words.waiting, values: ofQueues(history, 'waiting'), colour: 'warn' },
        { label: words.active, values: ofQueues(history, 'active'), colour: 'accent' },
      ],
    },
    {
      title: words.throughput,
      lines: [
        { label: words.done, values: ofQueues(history, 'done_per_minute'), colour: 'good' },
        { label: words.undone, values: ofQueues(history, 'failed_per_minute'), colour: 'bad' },
      ],
    },
    {
      title: words.plane,
      lines: [
        { label: words.used, values: plane.used, colour: 'accent' },
        { label: words.limit, values: plane.limit, colour: 'quiet', isLimit: true },
      ],
    },
  ];
}
