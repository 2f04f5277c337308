import { z } from 'zod';
import { defineRoute } from './route.ts';

export const HISTORY_MAX_MINUTES = 24 * 60;

/** One value a minute; null where nobody looked. */
const Column = z.array(z.number().nullable());
const QueueColumns = z.object({
  waiting: Column,
  active: Column,
  failed: Column.describe('Failed jobs that are kept'),
  done_per_minute: Column,
  failed_per_minute: Column,
});

/** The last hours, as columns for charts. */
export const History = z
  .object({
    at: z.array(z.int()).describe('Begin of each minute, seconds since 1970, without gaps'),
    tickets: z.object({
      pending: Column,
      working: Column.describe('Approved, starting or active'),
      waiting: Column.describe('Their agents wait for a person'),
      completed: Column.describe('Their summaries wait for a person'),
      failed: Column,
      completed_per_minute: Column,
    }),
    sessions: Column,
    slots: z.object({ used: Column, free: Column }),
    plane: z.object({ used: Column.describe('Requests in the window of the budget'), limit: Column }),
    queues: z.record(z.string(), QueueColumns).describe('By kind of queue, those of pools and runners together'),
  })
  .meta({ id: 'History' });
export type History = z.output<typeof History>;
export type HistoryColumn = z.output<typeof Column>;

export const historyRoutes = {
  history: defineRoute({
    method: 'GET',
    path: '/api/history',
    role: 'viewer',
    tag: 'operations',
    summary: 'How it was in each minute of the last hours: tickets, sessions, slots, queues, requests to Plane',
    query: z.strictObject({
      minutes: z.coerce.number().int().min(1).max(HISTORY_MAX_MINUTES).default(360).describe('How far back'),
    }),
    answers: { 200: History },
  }),
};
