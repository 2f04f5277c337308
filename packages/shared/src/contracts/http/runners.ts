import { z } from 'zod';
import { Slug } from '../../domain/ids.ts';
import { Time } from './common.ts';
import { defineRoute } from './route.ts';

const Megabytes = { total_mb: z.number(), free_mb: z.number() };

/** A host that runs sessions, with what it has left. */
export const RunnerView = z
  .object({
    id: z.string(),
    state: z.enum(['ready', 'full', 'no_room', 'lost']),
    takes_nothing_because: z.string().nullable(),
    host: z.string().nullable(),
    url: z.string().nullable(),
    terminal_url: z.string().nullable(),
    pools: z.array(z.string()),
    labels: z.array(z.string()),
    versions: z.record(z.string(), z.string()),
    capacity: z.int().nullable(),
    used: z.int(),
    free: z.int(),
    memory: z.object(Megabytes).nullable(),
    cpu: z.object({ cores: z.number(), load: z.number(), used_percent: z.number() }).nullable(),
    disks: z.array(z.object({ of: z.string(), path: z.string(), ...Megabytes })),
    last_heartbeat_at: Time,
  })
  .meta({ id: 'Runner' });
export type RunnerView = z.output<typeof RunnerView>;

export const runnerRoutes = {
  runners: defineRoute({
    method: 'GET',
    path: '/api/runners',
    role: 'viewer',
    tag: 'operations',
    summary: 'Every host that runs sessions, with what it has left',
    answers: { 200: z.array(RunnerView) },
  }),
  giveUpRunner: defineRoute({
    method: 'DELETE',
    path: '/api/runners/:runner',
    role: 'operator',
    tag: 'operations',
    summary: 'Its host is gone for good: frees its slots, and what its agents were at work on can be retried',
    params: z.strictObject({ runner: Slug }),
    answers: { 200: z.object({ status: z.literal('given_up'), runner: Slug, tickets: z.array(z.string()) }) },
    refusals: [409],
  }),
};
