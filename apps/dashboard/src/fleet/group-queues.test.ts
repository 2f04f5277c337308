import { expect, test } from 'vitest';
import { groupQueues } from './group-queues.ts';

const queue = (name: string, jobs: Record<string, number>, oldest_waiting_at: string | null = null) => ({
  name,
  jobs,
  oldest_waiting_at,
  completed: 0,
  failed: 0,
});

test('queues of one kind are one line with the sum of their jobs and the age of the oldest', () => {
  const groups = groupQueues(
    [
      queue('runner.one', { waiting: 1, prioritized: 2, active: 1 }, '2026-05-04T12:00:00.000Z'),
      queue('notify', { delayed: 1, failed: 4 }),
      queue('runner.two', { waiting: 3 }, '2026-05-04T11:00:00.000Z'),
    ],
    undefined,
  );
  expect(groups).toEqual([
    {
      kind: 'runner',
      names: ['runner.one', 'runner.two'],
      waiting: 6,
      active: 1,
      failed: 0,
      oldestAt: '2026-05-04T11:00:00.000Z',
      perMinute: null,
    },
    { kind: 'notify', names: ['notify'], waiting: 1, active: 0, failed: 4, oldestAt: null, perMinute: null },
  ]);
});
