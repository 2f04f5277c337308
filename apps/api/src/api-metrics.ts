import type { Core } from '@pco/shared/engine';
import { Counter, Gauge, Histogram } from '@pco/shared/metrics';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Feed } from './feed.ts';
import { isStateTrouble } from './ticket-view.ts';
import { startWaits } from './waiting-starts.ts';

const Entry = z.object({
  type: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  effectId: z.string().optional(),
  reason: z.object({ code: z.string() }).optional(),
});

/** What a ticket moves to when its session did start; a quick agent completes before its start is committed. */
const STARTED: ReadonlySet<string> = new Set(['active', 'completed', 'updating']);

/** The metrics of B-107…B-118. What happens to tickets is counted from the feed, whoever made it happen. */
export function addApiMetrics(app: FastifyInstance, core: Core, feed: Feed): () => void {
  const { registry, store } = core;
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  gauge('plane_pending_tickets', 'Tickets that await approval', async () => (await store.counts()).pending);
  gauge('plane_active_sessions', 'Tickets whose session is running', async () => {
    const { starting, active, waiting } = await store.counts();
    return starting + active + waiting;
  });
  gauge(
    'plane_completed_tickets',
    'Tickets whose summary awaits approval',
    async () => (await store.counts()).completed,
  );

  new Gauge({
    name: 'plane_tickets_waiting_for_start',
    help: 'Approved tickets that have no session yet, by what they wait for',
    labelNames: ['reason'],
    registers,
    async collect() {
      this.reset();
      for (const { code, tickets } of await startWaits(core)) this.inc({ reason: code.toLowerCase() }, tickets);
    },
  });

  const approved = new Counter({
    name: 'plane_tickets_approved_total',
    help: 'Approvals whose session started',
    registers,
  });
  const completed = new Counter({ name: 'plane_tickets_completed_total', help: 'Completions', registers });
  const updates = new Counter({
    name: 'plane_updates_total',
    help: 'Write-backs by outcome',
    labelNames: ['status'],
    registers,
  });
  for (const status of ['success', 'failed_comment', 'failed_state']) updates.inc({ status }, 0);
  const duration = new Histogram({
    name: 'plane_session_duration_seconds',
    help: 'From approval to completion',
    buckets: [60, 300, 600, 1_800, 3_600, 7_200, 14_400],
    registers,
  });
  addHttpMetrics(app, registers);
  return feed.subscribe(({ ticketId, event }) => {
    const entry = Entry.safeParse(JSON.parse(event)).data;
    if (!entry) return;
    if (entry.from === 'starting' && STARTED.has(entry.to)) approved.inc();
    if (entry.type === 'completion.signalled') {
      completed.inc();
      void store.load(ticketId).then(
        ({ ticket }) =>
          ticket?.completedAt &&
          ticket.approvedAt &&
          duration.observe((ticket.completedAt - ticket.approvedAt) / 1_000),
        () => undefined, // an observation less, not worth an error
      );
    }
    if (entry.to === 'done' && entry.from === 'updating')
      updates.inc({ status: isStateTrouble(entry.reason?.code) ? 'failed_state' : 'success' });
    if (entry.type === 'effect.failed' && entry.from === 'updating' && entry.to !== 'done')
      updates.inc({ status: 'failed_comment' });
  });
}

/** Our own HTTP, by route pattern: a raw path would make a series of every ticket. */
function addHttpMetrics(app: FastifyInstance, registers: Core['registry'][]): void {
  const seconds = new Histogram({
    name: 'plane_api_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'endpoint'],
    buckets: [0.1, 0.5, 1, 2, 5, 10, 30],
    registers,
  });
  const requests = new Counter({
    name: 'plane_api_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'endpoint', 'status'],
    registers,
  });
  app.addHook('onResponse', async (request, reply) => {
    const endpoint = request.routeOptions.url ?? 'unknown';
    seconds.observe({ method: request.method, endpoint }, reply.elapsedTime / 1_000);
    requests.inc({ method: request.method, endpoint, status: reply.statusCode });
  });
}
