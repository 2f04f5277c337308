import { z } from 'zod';
import { LIMITS } from '../../domain/budget.ts';
import { TicketId } from '../../domain/ids.ts';
import { Choices, ObservedState, Priority, Result, TriggerType, Used } from '../../domain/ticket.ts';
import { STATUSES } from '../../domain/ticket-status.ts';
import { StartWait, TicketParams, Time } from './common.ts';
import { defineRoute } from './route.ts';
import { LIST_MAX } from './ticket-list.ts';

/** A ticket as lists show it: the documented fields (B-082, B-083) first, then ours. */
export const TicketView = z
  .object({
    id: TicketId,
    uuid: z.string(),
    project_id: z.string(),
    title: z.string(),
    description: z.string(),
    trigger_type: TriggerType,
    summary: z.string().nullable(),
    created_at: Time,
    updated_at: Time,
    completed_at: Time.nullable(),
    status: z.enum(STATUSES),
    status_since: Time,
    priority: Priority,
    runner: z.string().nullable(),
    session_id: z.string().nullable(),
    started_at: Time.nullable(),
    attempt: z.int(),
    missed_triggers: z.int().describe('How often its work item triggered again while it was on its way'),
    error: z.string().nullable(),
    error_code: z.string().nullable(),
    waiting_for: z
      .object({
        state: ObservedState,
        since: Time,
        detail: z.string().nullable(),
        choices: Choices.describe('What the digits mean that answer its question, 1 first; empty where none are known'),
      })
      .nullable()
      .describe('What the agent waits for, while the status is `waiting`'),
    waits_for: StartWait.nullable().describe('Why an approved ticket has no session yet'),
    write_back_waits_for: z
      .object({ code: z.string(), why: z.string() })
      .nullable()
      .describe('Why an approved write-back has not arrived in Plane yet, while it is tried again by itself'),
    project_error: z
      .string()
      .nullable()
      .describe('Why its project cannot be read in Plane just now: the ticket may be behind'),
    branch: z.string().nullable(),
    plane_url: z.string().nullable().describe('Where people see its work item; null for a ticket without one'),
    result: Result.nullable(),
    used: Used.nullable().describe('What its session had used when a limit of its budget last came near'),
    near_limits: z.array(z.enum(LIMITS)).describe('Limits of its budget of which somebody was warned'),
  })
  .meta({ id: 'Ticket' });
export type TicketView = z.output<typeof TicketView>;

const HistoryEntry = z.object({
  id: z.string(),
  at: z.number().describe('ms since 1970'),
  event: z.unknown(),
});

/** One try of a stage, from its approval until somebody is to decide, or it failed. */
const AttemptView = z
  .object({
    round: z.int().describe('1 for the first time that the work item triggered'),
    number: z.int().describe('As `attempt` of the ticket: counts within its stage'),
    stage: z.string(),
    begun_at: Time,
    begun_by: z.string().nullable().describe('Whose decision it was; null for a rule'),
    because: z.enum(['approved', 'retried', 'rejected', 'automatic']),
    ended_at: Time.nullable(),
    outcome: z.enum(STATUSES).nullable().describe('Where it left the ticket; null while it lasts'),
    reason: z.object({ code: z.string(), text: z.string() }).nullable(),
    sessions: z.array(z.string()),
  })
  .meta({ id: 'Attempt' });
export type AttemptView = z.output<typeof AttemptView>;

const SessionView = z
  .object({
    id: z.string(),
    runner: z.string(),
    claimed_at: Time,
    started_at: Time.nullable(),
    completed_at: Time.nullable(),
    ended_at: Time.nullable(),
    exit_code: z.int().nullable(),
    branch: z.string().nullable(),
  })
  .meta({ id: 'Session' });
export type SessionView = z.output<typeof SessionView>;

const WriteBackView = z
  .object({
    effect: z.enum(['plane.comment', 'plane.link', 'plane.state']),
    status: z.enum(['waiting', 'under_way', 'done', 'failed']),
    since: Time.nullable().describe(
      'When it could begin; null while it waits for others, or where that is no longer known',
    ),
    at: Time.nullable().describe('When its outcome was recorded'),
    comment_id: z.string().nullable(),
    state_id: z.string().nullable(),
    error_code: z.string().nullable(),
    error: z.string().nullable().describe('What Plane answered, or what it was done without'),
  })
  .meta({ id: 'WriteBack' });
export type WriteBackView = z.output<typeof WriteBackView>;

/** How it came to be as it is, oldest first, as far back as the history of the ticket reaches. */
export const TicketStory = z.object({
  attempts: z.array(AttemptView),
  sessions: z.array(SessionView),
  write_backs: z.array(WriteBackView),
});
export type TicketStory = z.output<typeof TicketStory>;

export const TicketDetail = TicketView.extend({ ...TicketStory.shape, history: z.array(HistoryEntry) }).meta({
  id: 'TicketDetail',
});
export type TicketDetail = z.output<typeof TicketDetail>;

const ListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LIST_MAX).optional().describe('The first so many; without it, all'),
});
const list = <const Path extends string>(path: Path, summary: string) =>
  defineRoute({
    method: 'GET',
    path,
    role: 'viewer',
    tag: 'tickets',
    summary,
    query: ListQuery,
    answers: { 200: z.array(TicketView) },
  });

export const ticketRoutes = {
  pendingTickets: list('/api/pending-tickets', 'Tickets that await approval, or failed before any session ran'),
  activeSessions: list('/api/active-sessions', 'Tickets whose session is approved, starting, active or waiting'),
  completedTickets: list('/api/completed-tickets', 'Tickets whose summary awaits approval or is being written'),
  failedTickets: list('/api/failed-tickets', 'Tickets that were interrupted or need a person'),
  ticket: defineRoute({
    method: 'GET',
    path: '/api/tickets/:ticketId',
    role: 'viewer',
    tag: 'tickets',
    summary: 'One ticket with its attempts, sessions, write-backs and history',
    params: TicketParams,
    answers: { 200: TicketDetail },
    refusals: [500], // a stored record that cannot be read; lists leave it out
  }),
};
