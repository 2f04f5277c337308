import { every } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { type HistoryPoint, type HistoryStore, minuteOf, type RedisHandle, redisNow } from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';
import type { QueueState, SharedState } from '../metrics/shared-state.ts';

/** Often enough that no minute is missed, however long a look takes. */
const PERIOD_MS = 20 * SECOND_MS;

export interface Recording {
  readonly redis: RedisHandle;
  readonly history: HistoryStore;
  readonly read: () => Promise<SharedState>;
}

/** Notes once a minute how the installation is; of several apis the one that looks first. */
export function startHistory(recording: Recording, log: Logger): AsyncDisposable {
  return every(PERIOD_MS, () => recordOnce(recording), log, 'history');
}

export async function recordOnce({ redis, history, read }: Recording): Promise<void> {
  const at = await redisNow(redis);
  if (await history.has(minuteOf(at))) return;
  await history.add(pointOf(at, await read()));
}

function pointOf(at: number, state: SharedState): HistoryPoint {
  const { tickets, runners, budget, counters } = state;
  const all = budget.find(({ kind }) => kind === 'all');
  return {
    at,
    queues: kinds(state.queues),
    tickets: {
      pending: tickets.pending,
      working: tickets.approved + tickets.starting + tickets.active,
      waiting: tickets.waiting,
      completed: tickets.completed,
      failed: tickets.failed + tickets.blocked,
    },
    completions: counters.get('plane_tickets_completed_total') ?? 0,
    sessions: tickets.starting + tickets.active + tickets.waiting,
    slots: { used: state.slotsUsed, capacity: runners.reduce((sum, { capacity }) => sum + capacity, 0) },
    plane: { used: all?.used ?? 0, limit: all?.limit ?? 0 },
  };
}

const NONE = { waiting: 0, active: 0, failed: 0, done: 0, undone: 0 };

/** `runner.host-1` and `runner.host-2` together are `runner`: runners come and go, and a day is to stay small. */
function kinds(queues: ReadonlyMap<string, QueueState>): HistoryPoint['queues'] {
  const sums: Record<string, typeof NONE> = {};
  for (const [name, { jobs, completed, failed }] of queues) {
    const kind = name.split('.', 1)[0] ?? name;
    const sum = sums[kind] ?? NONE;
    sums[kind] = {
      waiting: sum.waiting + (jobs.waiting ?? 0) + (jobs.prioritized ?? 0) + (jobs.delayed ?? 0),
      active: sum.active + (jobs.active ?? 0),
      failed: sum.failed + (jobs.failed ?? 0),
      done: sum.done + completed,
      undone: sum.undone + failed,
    };
  }
  return sums;
}
