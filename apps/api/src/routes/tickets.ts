import { ROUTES } from '@pco/shared/contracts/http';
import { readStartWaits } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serve, serveRaw } from '../app/serve.ts';
import { readProjectErrors } from '../project-errors.ts';
import { placeOf } from '../read-model/cursor.ts';
import type { ListName } from '../read-model/lists.ts';
import { createPages } from '../read-model/pages.ts';
import { storyOf } from '../ticket-story.ts';
import { ticketView } from '../ticket-view.ts';
import { readWriteWaits } from '../write-waits.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The lists (B-082, B-083), which are kept as JSON, and a single ticket with its history. */
export function addTicketRoutes(app: FastifyInstance, { config, core, lists, model }: ApiContext): void {
  const { store } = core;
  const page = createPages();
  const list = (route: 'pendingTickets' | 'activeSessions' | 'completedTickets' | 'failedTickets', name: ListName) =>
    serveRaw(app, ROUTES[route], async (_request, reply) => reply.type(JSON_TYPE).send(await lists.json(name)));
  list('pendingTickets', 'pending');
  list('activeSessions', 'active');
  list('completedTickets', 'completed');
  list('failedTickets', 'failed');

  serveRaw(app, ROUTES.tickets, async ({ query }, reply) => {
    const { status: statuses, project: projects, limit } = query;
    const after = query.cursor === undefined ? undefined : placeOf(query.cursor);
    const words = query.text?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
    const index = await model.current();
    return reply.type(JSON_TYPE).send(page(index, { statuses, projects, words, after, limit }));
  });

  serve(app, ROUTES.ticket, async ({ params: { ticketId } }) => {
    const { ticket, body } = await store.loadWithBody(ticketId);
    if (!ticket) throw new AppError('TICKET_NOT_FOUND');
    const [waits, error, starts, history] = await Promise.all([
      readWriteWaits(core.redis),
      readProjectErrors(core.redis)(ticket.workItem.projectId),
      readStartWaits(core.redis, core.policyOf),
      store.history(ticketId),
    ]);
    const shown = ticketView(ticket, body.trim(), config.plane, {
      writeWait: await waits(ticket),
      projectError: error,
      startWait: await starts(ticket),
    });
    return { ...shown, ...storyOf(history, ticket), history };
  });
}
