import { z } from 'zod';
import { TicketId } from '../../domain/ids.ts';
import { Time } from './common.ts';
import { KINDS } from './kinds.ts';
import { defineRoute } from './route.ts';
import { LIST_MAX } from './ticket-list.ts';
import { TicketView } from './tickets.ts';

const Kind = z.enum(KINDS);

export const Inbox = z
  .object({
    tickets: z.array(TicketView),
    next_cursor: z.string().nullable().describe('Null at the end'),
    counts: z.record(Kind, z.int()).describe('How many there are of each kind, on whatever page'),
    pending: z.int().describe('How many an approval would start: so long is the list of those that are pending'),
    completed: z.int().describe('How long the list of those that are completed is'),
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
