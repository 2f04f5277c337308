import { SOCKET_CLOSE as CLOSE, ROUTES } from '@pco/shared/contracts/http';
import { TicketId } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import { createTerminalTicketStore, TerminalGrant } from '@pco/shared/redis';
import { iso } from '@pco/shared/time';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { ApiContext } from '../api-context.ts';
import { type Asked, serve, serveRaw } from '../app/serve.ts';
import { endSocket, type Gateway } from '../terminals/gateway.ts';
import { closeCode, given, modeOf, nameOf, shown, TAKEN_AWAY } from '../terminals/joining.ts';
import { listRecordings, openRecording } from '../terminals/recordings-client.ts';
import { createFindPlace } from '../terminals/terminal-place.ts';

const Mode = TerminalGrant.shape.mode;
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
export function addTerminalRoutes(
  app: FastifyInstance,
  { core, config, log, stays }: ApiContext,
  gateway: Gateway,
): void {
  const tickets = createTerminalTicketStore(core.redis);
  const places = createFindPlace({ core, config });

  /** What the caller may do at most: by its ticket, or else by what let it through our door. */
  const admit = async ({ params: { ticketId }, query: { ticket }, caller }: Joining) => {
    if (ticket === undefined) return { mode: modeOf(caller), by: nameOf(caller), source: undefined };
    const grant = await tickets.redeem(ticket);
    if (grant?.ticketId === ticketId) return grant;
    throw new AppError('UNAUTHORIZED', { why: 'the terminal ticket was used, is too old, or is for another ticket' });
  };

  const join = async (socket: WebSocket, request: Joining, kind: Kind): Promise<void> => {
    const { ticketId } = request.params;
    const key = TicketId.safeParse(ticketId);
    if (key.error) throw new AppError('PAYLOAD_INVALID', { why: key.error.issues[0]?.message });
    const { session } = request.query;
    const granted = await admit(request);
    const mode = Mode.optional().catch('view').parse(request.query.mode);
    if (granted.mode === 'view' && mode === 'control')
      throw new AppError('FORBIDDEN', { why: `${granted.by} may only look` });
    const access = kind === 'replay' ? 'view' : (mode ?? granted.mode);
    const { sessionId, runner, url, token } = await places.one(ticketId, session);
    const query = new URLSearchParams({ ...given(Passed.parse(request.query)), mode: access });
    const path = `/ws/sessions/${sessionId}${kind === 'replay' ? '/replay' : ''}`;
    const role = access === 'control' ? 'operator' : 'viewer';
    const stop = stays.keep(granted.source ?? request, role, () => endSocket(socket, CLOSE.unauthorized, TAKEN_AWAY));
    socket.on('close', stop);
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
      handler: async () => {
        throw new AppError('UPGRADE_REQUIRED');
      },
      wsHandler: (socket, request) => {
        socket.pause(); // until somebody listens: what is typed at once must not be lost
        // its validators made exactly that of it
        join(socket, request as Joining, kind).catch((err) => endSocket(socket, closeCode(err), shown(err, log)));
      },
    });

  serve(app, ROUTES.createTerminalTicket, async ({ params: { ticketId }, body: { mode }, caller }, reply) => {
    if (mode === 'control' && modeOf(caller) === 'view')
      throw new AppError('FORBIDDEN', { why: `${nameOf(caller)} may only look` });
    await places.one(ticketId);
    const { ticket, expiresAtMs } = await tickets.issue({
      ticketId,
      mode,
      by: nameOf(caller),
      source: caller?.source ?? 'nobody',
    });
    void reply.status(201);
    return { ticket, expiresAt: iso(expiresAtMs), mode };
  });

  serve(app, ROUTES.recordings, async ({ params: { ticketId } }) =>
    (await Promise.all((await places.all(ticketId)).map(listRecordings))).flat(),
  );

  serveRaw(app, ROUTES.recording, async ({ params: { ticketId, name } }, reply) => {
    const [sessionId = ''] = name.split('~');
    return reply
      .type('application/x-asciicast')
      .header('content-disposition', `attachment; filename="${sessionId.replaceAll(/[^\w-]/g, '')}.cast"`)
      .send(await openRecording(await places.one(ticketId, sessionId), name));
  });
}

type Joining = Asked<typeof ROUTES.terminal>;
