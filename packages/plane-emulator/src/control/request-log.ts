import type { WriteStream } from 'node:fs';
import type { Settings } from '../settings.ts';
import { type Matcher, toPredicate } from './match.ts';
import { createRequestCounters, type RequestCounts } from './request-counters.ts';

/** One request as the emulator saw it. `status` is null while it is held, and for good when no answer was sent. */
export interface RequestEntry {
  readonly n: number;
  readonly at: string;
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly user: string | null;
  readonly body: unknown;
  /** `X-Request-ID` and `X-Correlation-ID`, which Plane itself does not read. */
  readonly requestId: string | null;
  readonly correlationId: string | null;
  status: number | null;
  durationMs: number | null;
  /** What a hold or a fault did to it. */
  faultApplied: string | null;
}

export type RequestFilter = Matcher & {
  readonly status?: number | undefined;
  /** Only entries with a greater `n`. */
  readonly after?: number | undefined;
};

export interface RequestLog {
  begin(request: Pick<RequestEntry, 'method' | 'path' | 'user' | 'body' | 'requestId' | 'correlationId'>): RequestEntry;
  end(entry: RequestEntry, status: number | null): void;
  list(filter?: RequestFilter): RequestEntry[];
  clear(): void;
  /** Most requests of one user that began within any window of that length. */
  busiestWindow(windowMs: number): number;
  counts(windowMs: number): RequestCounts;
}

/** Older entries than `keptRequests` leave the memory, not the file, and stay counted. */
export function createRequestLog(settings: Pick<Settings, 'keptRequests'>, file?: WriteStream): RequestLog {
  const entries: RequestEntry[] = [];
  const begun = new WeakMap<RequestEntry, number>();
  const counters = createRequestCounters();
  let n = 0;
  return {
    begin(request) {
      n += 1;
      const at = new Date().toISOString();
      const entry: RequestEntry = { n, at, ...request, status: null, durationMs: null, faultApplied: null };
      entries.push(entry);
      begun.set(entry, performance.now());
      counters.begin(entry.user);
      const { keptRequests } = settings;
      // In portions, because cutting the head off a long array costs as much for one as for many.
      if (entries.length > keptRequests * 1.1) entries.splice(0, entries.length - keptRequests);
      return entry;
    },
    end(entry, status) {
      entry.status = status;
      entry.durationMs = Math.round(performance.now() - (begun.get(entry) ?? 0));
      counters.end(entry.method, entry.path, status);
      file?.write(`${JSON.stringify(entry)}\n`);
    },
    list({ status, after = 0, ...matcher } = {}) {
      const fits = toPredicate(matcher);
      return entries.filter((e) => e.n > after && fits(e.method, e.path) && (status ?? e.status) === e.status);
    },
    busiestWindow: (windowMs) => counters.busiest(windowMs),
    counts: (windowMs) => counters.read(windowMs),
    clear() {
      entries.length = 0;
      counters.clear();
    },
  };
}

const BODY_LIMIT_BYTES = 64 * 1024;

/** The body for the log: parsed if it is JSON and not large, else only its size. */
export function loggedBody(raw: Buffer | undefined): unknown {
  if (!raw || raw.length === 0) return null;
  if (raw.length > BODY_LIMIT_BYTES) return { omittedBytes: raw.length };
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return { notJson: raw.toString('utf8').slice(0, 1_000) };
  }
}
