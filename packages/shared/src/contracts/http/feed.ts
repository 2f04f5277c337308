import { z } from 'zod';
import { TicketId } from '../../domain/ids.ts';
import { STATUSES } from '../../domain/ticket-status.ts';
import { defineRoute } from './route.ts';

/**
 * What `GET /api/events` sends, as server-sent events. Each has an id; whoever comes back with the last one that it saw
 * (`Last-Event-ID`) gets exactly what followed.
 *
 * - `hello` comes first: from here on you are told of everything.
 * - `ticket` is one change of one ticket: enough to know what to load anew, without texts of people, agents or Plane.
 * - `reset`: what followed your last id is not known any more. Load everything anew, then go on from this event's id.
 *
 * Comments and blocks with an id alone are heartbeats.
 */
export const FEED_EVENTS = ['hello', 'ticket', 'reset'] as const;

/** How old things are, and who did them; what they said stands in the ticket. */
export const TicketChange = z.object({
  ticket_id: z.string(),
  /** Higher than in every earlier change of this ticket. */
  version: z.int().positive(),
  /** When it was committed: ISO 8601 in UTC. */
  at: z.iso.datetime(),
  /** What happened, such as `person.approved`. New ones may come with every release. */
  type: z.string(),
  /** Null for a ticket that is new. */
  from: z.enum(STATUSES).nullable(),
  /** Null for a ticket that was forgotten because it was finished long ago. */
  to: z.enum(STATUSES).nullable(),
  /** The person, where it was one. */
  by: z.string().optional(),
  session_id: z.string().optional(),
  /** Why it is where it is, as a stable code. */
  reason_code: z.string().optional(),
});
export type TicketChange = z.output<typeof TicketChange>;

export const FeedHello = z.object({
  /** Seconds between heartbeats; after three without one the connection is dead. */
  heartbeat: z.number().positive(),
});
export type FeedHello = z.output<typeof FeedHello>;

export const FeedReset = z.object({
  /** `trimmed`: too long ago. `unknown`: that event never was, or was lost with the state that it told of. */
  why: z.enum(['trimmed', 'unknown']),
});
export type FeedReset = z.output<typeof FeedReset>;

export const FeedQuery = z.strictObject({
  /** Only changes of these tickets. */
  ticket: z.union([TicketId, z.array(TicketId).max(100)]).optional(),
  /** As the header `Last-Event-ID`, for those who cannot set it; the header wins. */
  last_event_id: z.string().max(64).optional(),
});

export const feedRoutes = {
  events: defineRoute({
    method: 'GET',
    path: '/api/events',
    role: 'viewer',
    tag: 'tickets',
    summary: 'What happens to tickets, as it happens: server-sent events that resume after Last-Event-ID',
    query: FeedQuery,
    media: 'text/event-stream',
    answers: { 200: z.string() },
  }),
};
