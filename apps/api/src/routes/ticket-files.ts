import { ROUTES } from '@pco/shared/contracts/http';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { sendJson } from '../app/send-json.ts';
import { serve, serveRaw } from '../app/serve.ts';
import { importTickets } from '../import-tickets.ts';

/** The documented lists in one answer, and back in (B-078). */
export function addTicketFileRoutes(app: FastifyInstance, { core, lists }: ApiContext): void {
  serveRaw(app, ROUTES.exportTickets, async (_request, reply) => {
    const [pending, active, completed] = await Promise.all([
      lists.json('pending'),
      lists.json('active'),
      lists.json('completed'),
    ]);
    return sendJson(reply, Buffer.from(`{"pending":${pending},"active":${active},"completed":${completed}}`));
  });

  serve(app, ROUTES.importTickets, ({ body, caller, id }) =>
    importTickets(core, body, { by: caller?.name ?? 'nobody', cid: id }),
  );
}
