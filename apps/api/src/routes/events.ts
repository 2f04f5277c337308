import { FeedQuery } from '@pco/shared/contracts/http';
import { TicketId } from '@pco/shared/domain';
import { isPosition } from '@pco/shared/redis';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ApiContext, check } from '../api-context.ts';

const Tickets = z.array(TicketId).max(100);

/** `GET /api/events`: what happens to tickets, as it happens, as server-sent events. */
export function addEventRoute(app: FastifyInstance, { events }: ApiContext): void {
  app.get('/api/events', { exposeHeadRoute: false }, async (request, reply) => {
    const { ticket, last_event_id } = check(FeedQuery, request.query, 'query');
    const tickets = check(Tickets, [ticket ?? []].flat(), 'query');
    const given = request.headers['last-event-id']?.toString() || last_event_id;
    const body = events.open(clientOf(request), {
      tickets,
      // an id that was never ours is answered like one that is not known any more
      lastEventId: given === undefined ? undefined : isPosition(given) ? given : NEVER,
    });
    return reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-cache, no-transform')
      .header('x-accel-buffering', 'no') // nginx would collect what we send
      .send(body);
  });
}

const NEVER = '9999999999999999-0';

/** Whose readers are counted together. */
const clientOf = ({ headers, ip }: FastifyRequest): string => headers.authorization ?? ip;
