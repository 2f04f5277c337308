import { z } from 'zod';
import { TicketId } from '../../domain/ids.ts';
import { TicketParams } from './common.ts';
import { SummaryBody } from './decisions.ts';
import { defineRoute } from './route.ts';

/** What an update would write to Plane now, word for word. */
export const UpdatePreview = z
  .object({
    ticket_id: TicketId,
    comment_html: z.string().describe('The comment as it is sent'),
    comment_text: z.string().describe('The same to read: lists, code and links as in Markdown'),
    incomplete: z
      .string()
      .nullable()
      .describe('What may still be added: the look at what the session left is under way'),
    link: z
      .object({ url: z.string(), title: z.string() })
      .nullable()
      .describe('What is added to the links of the work item'),
    state: z
      .object({
        action: z
          .enum(['set', 'stays', 'none', 'unknown'])
          .describe('`stays`: it is in that state already; `none`: the workflow writes none; `unknown`: see `why`'),
        name: z.string().nullable().describe('In which state the work item will be'),
        from: z.string().nullable().describe('In which state it was last seen; one that a person moves is left alone'),
        why: z.string().nullable().describe('Why that is not known'),
      })
      .describe('The state of the work item'),
  })
  .meta({ id: 'UpdatePreview' });
export type UpdatePreview = z.output<typeof UpdatePreview>;

const preview = {
  path: '/api/tickets/:ticketId/preview',
  role: 'viewer',
  tag: 'decisions',
  params: TicketParams,
  answers: { 200: UpdatePreview },
} as const;

export const previewRoutes = {
  previewUpdate: defineRoute({
    ...preview,
    method: 'GET',
    summary: 'What an update would write to Plane with the summary as it is: comment, link and state',
  }),
  previewSummary: defineRoute({
    ...preview,
    method: 'POST',
    summary: 'The same for another summary, which is not kept: for whoever edits one',
    body: SummaryBody,
    asksOnly: true,
  }),
};
