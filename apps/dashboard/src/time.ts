const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** How long ago, in the largest unit that fits; what is younger than a minute, or by another clock still to come, is now. */
export function ago(at: string, nowMs: number, locale = 'en'): string {
  const pastMs = nowMs - Date.parse(at);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const step = STEPS.find(([, ms]) => pastMs >= ms);
  return step ? format.format(-Math.floor(pastMs / step[1]), step[0]) : format.format(0, 'second');
}

/** How long something took: its two largest units. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
