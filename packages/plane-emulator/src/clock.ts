/** Times are kept as whole microseconds since 1970: Plane shows six digits, and clients compare all of them. */
export interface Clock {
  /** Strictly later than every time given before, so that no two rows tie by accident, unless a test wants that. */
  now(): number;
  /** A time that lies a little ahead; Plane rewrites some columns after it has rendered the answer. */
  later(us: number): number;
}

/** @param stepUs times are multiples of it, and may be equal when it is more than 1 */
export function createClock(stepUs: () => number = () => 1): Clock {
  let last = 0;
  const now = () => {
    const microPart = Number((process.hrtime.bigint() / 1_000n) % 1_000n);
    const step = stepUs();
    const present = Date.now() * 1_000 + microPart;
    last = step === 1 ? Math.max(last + 1, present) : Math.max(last, Math.floor(present / step) * step);
    return last;
  };
  return {
    now,
    later(us) {
      last = now() + us;
      return last;
    },
  };
}

/** Like Django: six digits, none when they are zero, `Z` for UTC and `+05:30` for any other profile time zone. */
export function renderTime(us: number, offsetMinutes = 0): string {
  const shifted = Math.floor(us / 1_000) + offsetMinutes * 60_000;
  const seconds = new Date(shifted).toISOString().slice(0, 19);
  const micros = us % 1_000_000;
  const fraction = micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`;
  return `${seconds}${fraction}${renderOffset(offsetMinutes)}`;
}

function renderOffset(minutes: number): string {
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Reads a time given by a test or an API client; `undefined` when it is none. Sub-microsecond digits are cut. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', zone = ''] = match;
  const ms = Date.parse(whole.replace(' ', 'T') + zone);
  return Number.isNaN(ms) ? undefined : ms * 1_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
