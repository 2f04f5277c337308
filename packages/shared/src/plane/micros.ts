const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)$/;

/**
 * Plane's time stamps as whole microseconds since 1970 (about 1.8e15: exact in a number). They come in the time zone
 * of the token's user and without digits when those are zero, so text must never be compared, and `Date` loses the
 * last three digits. `undefined` when it is no time stamp.
 */
export function parseMicros(text: string): number | undefined {
  const [, day, time, fraction = '', zone = ''] = TIMESTAMP.exec(text) ?? [];
  if (!day || !time) return undefined;
  const colon = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const ms = Date.parse(`${day}T${time}${colon}`);
  if (Number.isNaN(ms)) return undefined;
  return ms * 1_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** The same moment as UTC text with milliseconds, our own form (B-010). */
export const microsToIso = (us: number): string => new Date(Math.floor(us / 1_000)).toISOString();
