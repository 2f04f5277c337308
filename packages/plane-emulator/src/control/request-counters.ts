import { routeKind } from './route-kind.ts';

/** Exact since the start or the last `clear`, whatever the log still remembers. */
export interface RequestCounts {
  readonly total: number;
  /** By kind of request, as `GET projects/:id/work-items/`, and answer; `none` for those that got no answer. */
  readonly byRoute: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By the user whose API key was given: how many, and the most that began within one window. */
  readonly byUser: Readonly<Record<string, { readonly total: number; readonly busiest: number }>>;
}

export interface RequestCounters {
  begin(user: string | null): void;
  end(method: string, path: string, status: number | null): void;
  /** @param windowMs how long the sliding window is: Plane's is a minute */
  read(windowMs: number): RequestCounts;
  /** Most requests of one key that began within any window of that length. */
  busiest(windowMs: number): number;
  clear(): void;
}

/** Eight megabytes a key; at 60 a minute it takes eleven days to get there. Windows beyond are not looked at. */
const TIMES_KEPT = 1_000_000;

export function createRequestCounters(nowMs: () => number = () => performance.now()): RequestCounters {
  const times = new Map<string, { total: number; all: number[] }>();
  const routes = new Map<string, Map<string, number>>();
  let total = 0;
  return {
    begin(user) {
      total += 1;
      if (user === null) return;
      const known = times.get(user) ?? { total: 0, all: [] };
      times.set(user, known);
      known.total += 1;
      known.all.push(nowMs());
      if (known.all.length > TIMES_KEPT) known.all.splice(0, TIMES_KEPT / 10);
    },
    end(method, path, status) {
      const kind = routeKind(method, path);
      const answers = routes.get(kind) ?? new Map<string, number>();
      routes.set(kind, answers);
      const answer = String(status ?? 'none');
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    },
    read: (windowMs) => ({
      total,
      byRoute: Object.fromEntries([...routes].map(([kind, answers]) => [kind, Object.fromEntries(answers)])),
      byUser: Object.fromEntries(
        [...times].map(([user, known]) => [user, { total: known.total, busiest: busiest(known.all, windowMs) }]),
      ),
    }),
    busiest: (windowMs) => Math.max(0, ...[...times.values()].map(({ all }) => busiest(all, windowMs))),
    clear() {
      total = 0;
      times.clear();
      routes.clear();
    },
  };
}

function busiest(times: readonly number[], windowMs: number): number {
  let [from, most] = [0, 0];
  for (const [to, at] of times.entries()) {
    while ((times[from] ?? at) <= at - windowMs) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
