import { z } from 'zod';
import { TicketId, WorkItemUuid } from '../../domain/ids.ts';
import { SUMMARY_MAX, TriggerType } from '../../domain/ticket.ts';
import { defineRoute } from './route.ts';
import { TicketView } from './tickets.ts';

const When = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'not a time');

/** A ticket of the documented files (B-078). What else stands there is left alone. */
export const FileTicket = z.object({
  id: TicketId,
  uuid: WorkItemUuid,
  project_id: z.string().min(1).max(64),
  title: z.string().max(1_000),
  description: z.string().nullish(),
  trigger_type: TriggerType.catch('manual_test').default('manual_test'),
  summary: z.string().max(SUMMARY_MAX).nullish(),
  created_at: When,
  completed_at: When.nullish(),
});
export type FileTicket = z.output<typeof FileTicket>;

const List = z.array(FileTicket).max(10_000).default([]);
export const TicketFiles = z.strictObject({ pending: List, active: List, completed: List });
export type TicketFiles = z.output<typeof TicketFiles>;

export const ImportOutcome = z.object({
  imported: z.array(z.string()),
  skipped: z.array(z.object({ id: z.string(), why: z.string() })),
});
export type ImportOutcome = z.output<typeof ImportOutcome>;

const Exported = z.object({
  pending: z.array(TicketView),
  active: z.array(TicketView),
  completed: z.array(TicketView),
});

export const ticketFileRoutes = {
  exportTickets: defineRoute({
    method: 'GET',
    path: '/api/export',
    role: 'admin',
    tag: 'operations',
    summary: 'Tickets that are pending, active or completed, in one document',
    answers: { 200: Exported },
  }),
  importTickets: defineRoute({
    method: 'POST',
    path: '/api/import',
    role: 'admin',
    tag: 'operations',
    summary: 'Brings such a document back in; what is here already stays as it is',
    body: TicketFiles,
    bodyLimitBytes: 64 * 1024 * 1024,
    answers: { 200: ImportOutcome },
  }),
};
