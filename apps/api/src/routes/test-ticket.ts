import { FINAL, TicketId, TriggerType, WorkItemUuid } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiContext, check, PERSON } from '../api-context.ts';

const When = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'not a time');
const TestTicket = z.strictObject({
  id: TicketId,
  uuid: WorkItemUuid,
  project_id: z.string().min(1).max(64),
  title: z.string().max(255),
  description: z.string().nullable(),
  created_at: When,
  trigger_type: TriggerType.default('manual_test'),
  summary: z.string().nullish(),
  updated_at: When.nullish(),
  completed_at: When.nullish(),
});

/** `POST /api/test/add-ticket`: a ticket without a work item, to try the flow (B-087). Off unless configured. */
export function addTestRoute(app: FastifyInstance, { core, config }: ApiContext): void {
  app.post('/api/test/add-ticket', async (request) => {
    if (!config.api.test_endpoint) throw new AppError('ROUTE_DISABLED', { why: 'set api.test_endpoint to use it' });
    const given = check(TestTicket, request.body, 'body');
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
        trigger: { type: given.trigger_type, by: PERSON },
        description: given.description ?? '', // a null must never break a list (B-051)
      },
      { once: true },
    );
    if (answer.kind === 'seen') throw new AppError('TICKET_EXISTS', { why: `${given.id} was added a moment ago` });
    if (answer.kind === 'taken') throw new AppError('TICKET_EXISTS', { why: `the uuid belongs to ${answer.ticketId}` });
    return { ...given, description: given.description ?? '' };
  });
}
