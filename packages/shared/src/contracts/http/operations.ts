import { z } from 'zod';
import { StartWait, Time } from './common.ts';
import { defineRoute } from './route.ts';

const ProjectHealth = z.object({
  project: z.string(),
  identifier: z.string(),
  failures: z.int(),
  error: z.string().nullable(),
  last_poll_at: Time.nullable(),
});

/** The five documented fields (B-080), and what is behind them. */
export const Health = z
  .object({
    status: z.enum(['healthy', 'degraded']),
    reasons: z
      .array(z.object({ code: z.string().describe('Stable; see docs/runbook.md'), why: z.string() }))
      .describe('Everything that is not as it should be'),
    config: z
      .object({
        refused: z.string().nullable().describe('Why a changed file is not used'),
        needs_restart: z.array(z.string()).describe('Changed keys that count from the next start'),
      })
      .describe('How this api stands to its configuration'),
    tmux_service: z.boolean(),
    pending_count: z.int(),
    active_count: z.int(),
    completed_count: z.int(),
    failed_count: z.int(),
    redis: z.boolean(),
    runners: z.int().describe('Session-workers that send heartbeats; without one nothing that was approved starts'),
    runners_without_room: z
      .array(z.looseObject({ runner: z.string(), why: z.string() }))
      .describe('Runners that take nothing because memory, disk or load do not allow it'),
    start_waits: z
      .array(StartWait.extend({ tickets: z.int() }))
      .describe('Why approved tickets have no session yet, and how many'),
    plane: z.boolean(),
    last_poll_at: Time.nullable(),
    webhooks: z
      .object({
        status: z.enum(['off', 'waiting', 'healthy', 'unhealthy']),
        last_delivery_at: Time.nullable(),
        error: z.string().nullable(),
      })
      .nullable(),
    write_stops: z
      .array(
        z.object({ project: z.string().nullable(), identifier: z.string().nullable(), since: Time, error: z.string() }),
      )
      .describe('Write-backs that Plane refuses: they wait until it takes them'),
    projects: z.array(ProjectHealth),
  })
  .meta({ id: 'Health' });
export type Health = z.output<typeof Health>;

const probe = { method: 'GET', role: 'open', tag: 'operations' } as const;
const Ready = z.object({ ok: z.boolean(), checks: z.record(z.string(), z.string()) });

export const operationRoutes = {
  health: defineRoute({ ...probe, path: '/health', summary: 'How everything is', answers: { 200: Health } }),
  livez: defineRoute({
    ...probe,
    path: '/livez',
    summary: 'Whether the process turns',
    answers: { 200: z.object({ ok: z.literal(true) }) },
  }),
  readyz: defineRoute({
    ...probe,
    path: '/readyz',
    summary: 'Whether Redis answers',
    answers: { 200: Ready, 503: Ready },
  }),
  metrics: defineRoute({
    ...probe,
    path: '/metrics',
    role: 'viewer',
    summary: 'Prometheus metrics',
    media: 'text/plain',
    answers: { 200: z.string() },
  }),
  front: defineRoute({
    ...probe,
    path: '/',
    role: 'viewer',
    summary: 'The addresses, as text',
    media: 'text/plain',
    answers: { 200: z.string() },
  }),
  openApi: defineRoute({
    ...probe,
    path: '/openapi.json',
    role: 'viewer',
    summary: 'This document',
    answers: { 200: z.looseObject({ openapi: z.string() }) },
  }),
  planeWebhook: defineRoute({
    method: 'POST',
    path: '/webhooks/plane',
    role: 'open',
    tag: 'plane',
    summary: 'Plane tells of a change. Its access is the signature over the raw body',
    proof: 'signature',
    body: z.unknown(),
    bodyLimitBytes: 1024 * 1024,
    answers: { 200: z.object({ status: z.enum(['queued', 'duplicate', 'own', 'ignored']) }) },
    refusals: [401, 404],
  }),
};
