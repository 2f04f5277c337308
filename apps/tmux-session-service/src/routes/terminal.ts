import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { accessOf, accountOf } from '../access.ts';
import type { Terminals } from '../terminal.ts';

const Size = z.coerce.number().int().min(1).max(1000).optional().catch(undefined);
/** Anything else in the query, the token above all, is not for us. */
const Query = z.object({
  create: z.stringbool().catch(false).default(false),
  projectId: z.string().optional().catch(undefined),
  cols: Size,
  rows: Size,
  mode: z.enum(['view', 'control']).optional().catch('view'),
  from: z.coerce.number().int().min(0).optional().catch(-1),
  recording: z.string().optional().catch(undefined),
});
const Params = z.object({ id: z.string() });

/** B-154. The id is checked by the terminal itself, which can tell the browser what is wrong with it (B-155). */
export function addTerminalRoute(app: FastifyInstance, terminals: Terminals): void {
  app.get('/ws/sessions/:id', { websocket: true }, (socket, request) => {
    const { params, query } = request;
    terminals.open(socket, {
      id: Params.parse(params).id,
      allowed: accessOf(request),
      owner: accountOf(request)?.username,
      ...Query.parse(query),
    });
  });
}
