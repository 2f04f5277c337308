import { z } from 'zod';
import { TicketId } from '../../domain/ids.ts';
import { ObservedState, Priority, TriggerType } from '../../domain/ticket.ts';
import { STATUSES } from '../../domain/ticket-status.ts';
import { defineRoute } from './route.ts';

const Instant = z.iso.datetime().describe('UTC, ISO 8601');

/** A ticket in a long list: what one chooses by. Description, summary and result stand in `GET /api/tickets/{id}`. */
export const TicketRow = z
  .object({
    id: TicketId,
    version: z.int().positive().describe('Higher with every change; events carry it too'),
    uuid: z.string(),
    project: z.string(),
    project_id: z.string(),
    title: z.string(),
    status: z.enum(STATUSES),
    status_since: Instant,
    priority: Priority,
    labels: z.array(z.string()),
    trigger_type: TriggerType,
    attempt: z.int().positive(),
    runner: z.string().nullable(),
    session_id: z.string().nullable(),
    error: z.string().nullable().describe('Its first 300 characters'),
    error_code: z.string().nullable(),
    waiting_for: z.object({ state: ObservedState, since: Instant }).nullable(),
    created_at: Instant.describe('When the work item was made'),
    begun_at: Instant.describe('When its present round began; lists are in this order, newest first'),
    updated_at: Instant,
    completed_at: Instant.nullable(),
  })
  .meta({ id: 'TicketRow' });
export type TicketRow = z.output<typeof TicketRow>;

export const LIST_MAX = 200;

/** One value or several: `?status=pending&status=failed` and `?status=pending,failed` are the same. */
const several = <Item extends z.ZodType<unknown, string>>(item: Item) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((text) => text.split(',')))
    .pipe(z.array(item).min(1).max(50))
    .optional();

export const TicketListQuery = z.strictObject({
  status: several(z.enum(STATUSES)).describe('Only tickets in one of these'),
  project: several(z.string().min(1).max(64)).describe('Only of these projects, by identifier or id'),
  text: z.string().max(200).optional().describe('Every word must occur in id, title, project, branch or a label'),
  limit: z.coerce.number().int().min(1).max(LIST_MAX).default(50),
  cursor: z.string().max(300).optional().describe('`next_cursor` of the page before'),
});
export type TicketListQuery = z.output<typeof TicketListQuery>;

export const TicketList = z
  .object({
    tickets: z.array(TicketRow),
    next_cursor: z.string().nullable().describe('Null at the end'),
  })
  .meta({ id: 'TicketList' });
export type TicketList = z.output<typeof TicketList>;

export const ticketListRoutes = {
  tickets: defineRoute({
    method: 'GET',
    path: '/api/tickets',
    role: 'viewer',
    tag: 'tickets',
    summary: 'Every ticket, newest round first, filtered and page by page',
    query: TicketListQuery,
    answers: { 200: TicketList },
  }),
};
