import { ROUTES } from '@pco/shared/contracts/http';
import { isPosition } from '@pco/shared/redis';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serveRaw } from '../app/serve.ts';

/** `GET /api/events`: what happens to tickets, as it happens, as server-sent events. */
export function addEventRoute(app: FastifyInstance, { events, stays }: ApiContext): void {
  const serveEvents: Parameters<typeof serveRaw<typeof ROUTES.events>>[2] = async (request, reply) => {
    const { ticket, last_event_id } = request.query;
    const given = request.headers['last-event-id']?.toString() || last_event_id;
    const body = events.open(clientOf(request), {
      tickets: [ticket ?? []].flat(),
      // an id that was never ours is answered like one that is not known any more
      lastEventId: given === undefined ? undefined : isPosition(given) ? given : NEVER,
    });
    const stop = stays.keep(request, ROUTES.events.role, () => body.destroy());
    body.on('close', stop);
    return reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-cache, no-transform')
      .header('x-accel-buffering', 'no') // nginx would collect what we send
      .send(body);
  };
  serveRaw(app, ROUTES.events, serveEvents, { exposeHeadRoute: false });
}

const NEVER = '9999999999999999-0';

/** Whose readers are counted together. */
const clientOf = ({ caller, ip }: Pick<FastifyRequest, 'caller' | 'ip'>): string =>
  caller === null || caller.via === 'local' ? ip : `${caller.source} ${caller.name}`;
