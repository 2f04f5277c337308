import { text } from './text/index.ts';

const STEPS: readonly (readonly [unit: 'day' | 'hour' | 'minute', ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

// not before it is needed: the first formatter of a page takes as long to make as everything else in its script
let exact: Intl.DateTimeFormat | undefined;

/** The moment, in the viewer's zone and way of writing. */
export function exactly(at: string): string {
  exact ??= new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  return exact.format(Date.parse(at));
}

/** How long ago, in the largest unit that fits; what is younger than a minute, or by another clock still to come, is now. */
export function ago(at: string, nowMs: number): string {
  const pastMs = nowMs - Date.parse(at);
  const step = STEPS.find(([, ms]) => pastMs >= ms);
  return step ? text.ago[step[0]](Math.floor(pastMs / step[1])) : text.ago.now;
}

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** How long, in its two largest units: `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const at = UNITS.findIndex(([, unit]) => ms >= unit);
  let rest = ms;
  return UNITS.slice(at, at + 2)
    .flatMap(([name, unit]) => {
      const count = Math.floor(rest / unit);
      rest -= count * unit;
      return count > 0 ? [`${count} ${name}`] : [];
    })
    .join(' ');
}
