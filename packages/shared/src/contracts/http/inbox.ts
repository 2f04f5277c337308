import { z } from 'zod';
import { TicketId } from '../../domain/ids.ts';
import type { ObservedState } from '../../domain/ticket.ts';
import type { Status } from '../../domain/ticket-status.ts';
import { Time } from './common.ts';
import { defineRoute } from './route.ts';
import { LIST_MAX } from './ticket-list.ts';
import { TicketView } from './tickets.ts';

/** Why a ticket needs a person, the most urgent first: an agent that asks stands still and holds a slot. */
export const KINDS = ['asks', 'approve', 'update', 'failed', 'blocked'] as const;
export const Kind = z.enum(KINDS);
export type Kind = z.output<typeof Kind>;

interface Standing {
  readonly status: Status;
  readonly error: string | null;
  readonly waiting_for: { readonly state: ObservedState } | null;
  readonly write_back_waits_for: object | null;
}

/** Undefined for a ticket that needs nobody just now. */
export function kindOf({ status, error, waiting_for, write_back_waits_for }: Standing): Kind | undefined {
  if (waiting_for?.state === 'unreachable') return 'blocked';
  if (status === 'waiting') return 'asks';
  if (status === 'pending') return 'approve';
  if (status === 'completed') return 'update';
  if (status === 'updating') return error !== null ? 'failed' : write_back_waits_for ? 'blocked' : undefined;
  return status === 'failed' || status === 'blocked' ? status : undefined;
}

export const Inbox = z
  .object({
    tickets: z.array(TicketView),
    next_cursor: z.string().nullable().describe('Null at the end'),
    counts: z.record(Kind, z.int()).describe('How many there are of each kind, on whatever page'),
    pending: z.int().describe('How many an approval would start'),
    latest: z
      .array(z.object({ id: TicketId, kind: Kind, title: z.string(), status_since: Time }))
      .describe('Those that came last, newest first'),
  })
  .meta({ id: 'Inbox' });
export type Inbox = z.output<typeof Inbox>;

export const inboxRoutes = {
  inbox: defineRoute({
    method: 'GET',
    path: '/api/inbox',
    role: 'viewer',
    tag: 'tickets',
    summary: 'What needs a person now, the most urgent first, page by page: by kind, then priority, then since when',
    query: z.strictObject({
      text: z.string().max(200).optional().describe('Every word must occur in id, title, project, branch or a label'),
      limit: z.coerce.number().int().min(1).max(LIST_MAX).default(50),
      cursor: z.string().max(300).optional().describe('`next_cursor` of the page before'),
    }),
    answers: { 200: Inbox },
  }),
};
