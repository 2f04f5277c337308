import { ROUTES, type UpdatePreview } from '@pco/shared/contracts/http';
import { cleanText, type Ticket } from '@pco/shared/domain';
import { branchUrl, isCollecting, updateComment, writeBackSettings } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import { htmlToMarkdown, type PlaneClient } from '@pco/shared/plane';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';
import { createStatePreview } from '../state-preview.ts';

const COLLECTING = 'what the session left is being looked at: duration, branch and commits may still change';

/** What an update would write, from the same functions with which the plane-writer writes it. */
export function addPreviewRoutes(app: FastifyInstance, { core, config }: ApiContext, plane: PlaneClient): void {
  const { store, policyOf } = core;
  const stateOf = createStatePreview(config, plane);

  const preview = async (ticket: Ticket, summary: string): Promise<UpdatePreview> => {
    const { writeBack } = policyOf(ticket.workItem).workflow;
    const html = updateComment(config, ticket, summary);
    const url = writeBack.includes('plane.link')
      ? branchUrl(writeBackSettings(config, ticket).branch_url, ticket)
      : undefined;
    return {
      ticket_id: ticket.id,
      comment_html: html,
      comment_text: htmlToMarkdown(html),
      incomplete: isCollecting(ticket) ? COLLECTING : null,
      link: url === undefined ? null : { url, title: `Branch ${ticket.session?.branch}` },
      state: writeBack.includes('plane.state') ? await stateOf(ticket) : NO_STATE,
    };
  };

  serve(app, ROUTES.previewUpdate, async ({ params }) => {
    const ticket = await load(params.ticketId);
    if (ticket.summary === undefined) throw new AppError('TICKET_NOT_FOUND', { why: 'it has no summary yet' });
    return preview(ticket, ticket.summary);
  });
  serve(app, ROUTES.previewSummary, async ({ params, body }) =>
    preview(await load(params.ticketId), cleanText(body.summary)),
  );

  async function load(ticketId: string): Promise<Ticket> {
    const { ticket } = await store.load(ticketId);
    if (!ticket) throw new AppError('TICKET_NOT_FOUND');
    return ticket;
  }
}

const NO_STATE = { action: 'none', name: null, from: null, why: null } as const;
