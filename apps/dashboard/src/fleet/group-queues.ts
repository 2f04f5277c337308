import type { History, QueueView } from '@pco/shared/contracts/http';
import { latest } from './columns.ts';

/** Queues of one kind: those of all pools or runners. */
export interface QueueGroup {
  readonly kind: string;
  readonly names: readonly string[];
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
  readonly oldestAt: string | null;
  readonly perMinute: number | null;
}

/** Runners come and go, and each has queues of its own: people want to see what gets stuck, and then where. */
export function groupQueues(queues: readonly QueueView[], history: History | undefined): QueueGroup[] {
  const groups = Map.groupBy(queues, ({ name }) => name.split('.', 1)[0] ?? name);
  return [...groups].map(([kind, members]) => {
    const sum = (...states: readonly string[]) =>
      members.reduce((total, { jobs }) => total + states.reduce((of, state) => of + (jobs[state] ?? 0), 0), 0);
    const oldest = members.flatMap(({ oldest_waiting_at }) => oldest_waiting_at ?? []).sort();
    return {
      kind,
      names: members.map(({ name }) => name),
      waiting: sum('waiting', 'prioritized', 'delayed'),
      active: sum('active'),
      failed: sum('failed'),
      oldestAt: oldest[0] ?? null,
      perMinute: latest(history?.queues[kind]?.done_per_minute),
    };
  });
}
