import type { History, HistoryColumn } from '@pco/shared/contracts/http';
import type { HistoryPoint } from '@pco/shared/redis';
import { MINUTE_MS, SECOND_MS } from '@pco/shared/time';

type Points = readonly (HistoryPoint | null)[];

/** @param points of one minute after the other; the one before the first is for the first's rates and not shown */
export function historyColumns(points: Points, firstMinute: number): History {
  const shown = points.slice(1);
  const each = (value: (point: HistoryPoint) => number | undefined): HistoryColumn =>
    shown.map((point) => (point ? (value(point) ?? null) : null));
  const rate = (total: (point: HistoryPoint) => number | undefined): HistoryColumn =>
    shown.map((point, index) => perMinute(points[index] ?? null, point, total));
  const kinds = new Set(shown.flatMap((point) => Object.keys(point?.queues ?? {})));
  return {
    at: shown.map((_, index) => ((firstMinute + index) * MINUTE_MS) / SECOND_MS),
    tickets: {
      pending: each(({ tickets }) => tickets.pending),
      working: each(({ tickets }) => tickets.working),
      waiting: each(({ tickets }) => tickets.waiting),
      completed: each(({ tickets }) => tickets.completed),
      failed: each(({ tickets }) => tickets.failed),
      completed_per_minute: rate(({ completions }) => completions),
    },
    sessions: each(({ sessions }) => sessions),
    slots: {
      used: each(({ slots }) => slots.used),
      free: each(({ slots }) => Math.max(0, slots.capacity - slots.used)),
    },
    plane: { used: each(({ plane }) => plane.used), limit: each(({ plane }) => plane.limit) },
    queues: Object.fromEntries(
      [...kinds].map((kind) => [
        kind,
        {
          waiting: each(({ queues }) => queues[kind]?.waiting),
          active: each(({ queues }) => queues[kind]?.active),
          failed: each(({ queues }) => queues[kind]?.failed),
          done_per_minute: rate(({ queues }) => queues[kind]?.done),
          failed_per_minute: rate(({ queues }) => queues[kind]?.undone),
        },
      ]),
    ),
  };
}

/** Of two looks in neighbouring minutes; a counter that went back was begun anew, which says nothing about a rate. */
function perMinute(
  before: HistoryPoint | null,
  now: HistoryPoint | null,
  total: (point: HistoryPoint) => number | undefined,
): number | null {
  const [from, to] = [before && total(before), now && total(now)];
  if (!before || !now || from == null || to == null || to < from || now.at <= before.at) return null;
  return Math.round(((to - from) / ((now.at - before.at) / MINUTE_MS)) * 10) / 10;
}
