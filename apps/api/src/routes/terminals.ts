import { TicketId } from '@pco/shared/domain';
import { AppError, messageOf } from '@pco/shared/errors';
import { createTerminalTicketStore, TerminalGrant } from '@pco/shared/redis';
import { iso } from '@pco/shared/time';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { type ApiContext, check, PERSON } from '../api-context.ts';
import { CLOSE, createGateway, endSocket } from '../terminals/gateway.ts';
import { listRecordings, openRecording } from '../terminals/recordings-client.ts';
import { createFindPlace } from '../terminals/terminal-place.ts';

const TicketParams = z.strictObject({ ticketId: TicketId });
const RecordingParams = z.strictObject({ ticketId: TicketId, name: z.string().max(100) });
const Mode = TerminalGrant.shape.mode;
const IssueBody = z.strictObject({ mode: Mode.default('view') });

/** What is ours in the query of a terminal; the rest of it is the terminal service's and goes there as it is. */
const Query = z.object({
  ticket: z.string().max(100).optional(),
  session: z.string().max(64).optional(),
  mode: Mode.optional().catch('view'),
});
const Passed = z.object(
  Object.fromEntries(
    ['from', 'recording', 'cols', 'rows', 'at', 'speed'].map((name) => [
      name,
      z.string().max(100).optional().catch(undefined),
    ]),
  ),
);
type Kind = 'terminal' | 'replay';

/** Terminals of tickets: live, as they were, and as files (B-154 and on, through the runner that has them). */
export function addTerminalRoutes(app: FastifyInstance, { core, config, log }: ApiContext): void {
  const tickets = createTerminalTicketStore(core.redis);
  const places = createFindPlace({ core, config });
  const gateway = createGateway(core.registry, log);

  /** What the caller may do at most: by its ticket, or else by what let it through our door. */
  const admit = async (ticketId: string, ticket: string | undefined): Promise<Pick<TerminalGrant, 'mode' | 'by'>> => {
    if (ticket === undefined) return { mode: 'control', by: PERSON };
    const grant = await tickets.redeem(ticket);
    if (grant?.ticketId === ticketId) return grant;
    throw new AppError('UNAUTHORIZED', { why: 'the terminal ticket was used, is too old, or is for another ticket' });
  };

  const join = async (socket: WebSocket, request: FastifyRequest, kind: Kind): Promise<void> => {
    const { ticketId } = check(TicketParams, request.params, 'path');
    const { ticket, session, mode } = check(Query, request.query, 'query');
    const granted = await admit(ticketId, ticket);
    if (granted.mode === 'view' && mode === 'control')
      throw new AppError('FORBIDDEN', { why: 'this terminal ticket is for looking' });
    const access = kind === 'replay' ? 'view' : (mode ?? granted.mode);
    const { sessionId, runner, url, token } = await places.one(ticketId, session);
    const query = new URLSearchParams({ ...given(Passed.parse(request.query)), mode: access });
    const path = `/ws/sessions/${sessionId}${kind === 'replay' ? '/replay' : ''}`;
    gateway.join(socket, { url: `${url}${path}?${query}`, token, runner });
    log.info(
      { event: 'terminal.opened', ticketId, sessionId, runner, kind, access, by: granted.by },
      'terminal opened',
    );
  };

  for (const kind of ['terminal', 'replay'] as const)
    app.route({
      method: 'GET',
      url: `/api/tickets/:ticketId/${kind}`,
      config: { terminalTicket: true },
      handler: async () => {
        throw new AppError('UPGRADE_REQUIRED');
      },
      wsHandler: (socket, request) => {
        socket.pause(); // until somebody listens: what is typed at once must not be lost
        join(socket, request, kind).catch((err) => endSocket(socket, closeCode(err), shown(err, log)));
      },
    });

  app.post('/api/tickets/:ticketId/terminal-tickets', async (request, reply) => {
    const { ticketId } = check(TicketParams, request.params, 'path');
    const { mode } = check(IssueBody, request.body, 'body');
    await places.one(ticketId);
    const { ticket, expiresAtMs } = await tickets.issue({ ticketId, mode, by: PERSON });
    return reply.status(201).send({ ticket, expiresAt: iso(expiresAtMs), mode });
  });

  app.get('/api/tickets/:ticketId/recordings', async (request) => {
    const { ticketId } = check(TicketParams, request.params, 'path');
    return (await Promise.all((await places.all(ticketId)).map(listRecordings))).flat();
  });

  app.get('/api/tickets/:ticketId/recordings/:name', async (request, reply) => {
    const { ticketId, name } = check(RecordingParams, request.params, 'path');
    const [sessionId = ''] = name.split('~');
    return reply
      .type('application/x-asciicast')
      .header('content-disposition', `attachment; filename="${sessionId.replaceAll(/[^\w-]/g, '')}.cast"`)
      .send(await openRecording(await places.one(ticketId, sessionId), name));
  });
}

const given = (query: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

function closeCode(err: unknown): number {
  if (!(err instanceof AppError)) return CLOSE.failed;
  if (err.code === 'UNAUTHORIZED') return CLOSE.unauthorized;
  if (err.status === 404) return CLOSE.notFound;
  return err.status < 500 ? CLOSE.refused : CLOSE.failed;
}

/** A bug tells nothing to the browser. */
function shown(err: unknown, log: ApiContext['log']): string {
  if (err instanceof AppError) return messageOf(err);
  log.error({ err }, 'terminal could not be opened');
  return 'the terminal could not be opened; try again';
}
