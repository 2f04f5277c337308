import { ROUTES } from '@pco/shared/contracts/http';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { sendJson } from '../app/send-json.ts';
import { serveRaw } from '../app/serve.ts';
import { placeOf } from '../read-model/cursor.ts';
import { createInbox } from '../read-model/inbox.ts';
import { inboxPlace } from '../read-model/inbox-cursor.ts';
import type { ListName } from '../read-model/lists.ts';
import { createPages } from '../read-model/pages.ts';
import { createTicketAnswers } from '../ticket-answers.ts';

/** The lists (B-082, B-083) and a single ticket with its history, all kept as JSON. */
export function addTicketRoutes(app: FastifyInstance, context: ApiContext): void {
  const { lists, model, around } = context;
  const page = createPages();
  const ticketAnswer = createTicketAnswers(context);
  const list = (route: 'pendingTickets' | 'activeSessions' | 'completedTickets' | 'failedTickets', name: ListName) =>
    serveRaw(app, ROUTES[route], async ({ query: { limit } }, reply) => sendJson(reply, await lists.json(name, limit)));
  list('pendingTickets', 'pending');
  list('activeSessions', 'active');
  list('completedTickets', 'completed');
  list('failedTickets', 'failed');

  const inbox = createInbox(around, lists);
  serveRaw(app, ROUTES.inbox, async ({ query: { text, cursor, limit } }, reply) => {
    const after = cursor === undefined ? undefined : inboxPlace(cursor);
    return sendJson(reply, Buffer.from(await inbox({ words: wordsOf(text), after, limit })));
  });

  serveRaw(app, ROUTES.tickets, async ({ query }, reply) => {
    const { status: statuses, project: projects, limit } = query;
    const after = query.cursor === undefined ? undefined : placeOf(query.cursor);
    const words = wordsOf(query.text);
    const index = await model.current();
    return sendJson(reply, page(index, { statuses, projects, words, after, limit }));
  });

  serveRaw(app, ROUTES.ticket, async ({ params: { ticketId } }, reply) =>
    sendJson(reply, await ticketAnswer(ticketId)),
  );
}

const wordsOf = (text = ''): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);
