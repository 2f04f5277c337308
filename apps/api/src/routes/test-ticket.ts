import { ROUTES } from '@pco/shared/contracts/http';
import { FINAL } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';

/** `POST /api/test/add-ticket`: a ticket without a work item, to try the flow (B-087). Off unless configured. */
export function addTestRoute(app: FastifyInstance, { core, config }: ApiContext): void {
  serve(app, ROUTES.addTestTicket, async (request) => {
    if (!config.api.test_endpoint) throw new AppError('ROUTE_DISABLED', { why: 'set api.test_endpoint to use it' });
    const given = request.body;
    const { ticket, version } = await core.store.load(given.id);
    if (ticket && !FINAL.has(ticket.status))
      throw new AppError('TICKET_EXISTS', { why: `${given.id} is ${ticket.status}` });
    const answer = await core.apply(
      {
        id: `test-${given.id}-v${version}`, // of two at the same instant one is the other's repetition
        type: 'trigger.seen',
        ticketId: given.id,
        cid: request.id,
        workItem: {
          uuid: given.uuid,
          projectId: given.project_id,
          project: given.id.split('-', 1)[0] ?? '',
          title: given.title,
          priority: 'none',
          stateId: null,
          createdAt: Date.parse(given.created_at),
        },
        trigger: { type: given.trigger_type, by: request.caller?.name ?? 'nobody' },
        description: given.description ?? '', // a null must never break a list (B-051)
      },
      { once: true },
    );
    if (answer.kind === 'seen') throw new AppError('TICKET_EXISTS', { why: `${given.id} was added a moment ago` });
    if (answer.kind === 'taken') throw new AppError('TICKET_EXISTS', { why: `the uuid belongs to ${answer.ticketId}` });
    return { ...given, description: given.description ?? '' };
  });
}
