import { randomBytes } from 'node:crypto';
import { SOCKET_CLOSE as CLOSE, mayUse, type Role } from '@pco/shared/contracts/http';
import { SessionId } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { ApiContext } from '../api-context.ts';
import { endSocket, type Gateway } from '../terminals/gateway.ts';
import { closeCode, given, modeOf, nameOf, shown, TAKEN_AWAY } from '../terminals/joining.ts';
import { type Asking, askPlace, createSessionPlaces, type ServicePlace } from '../terminals/session-places.ts';

const Params = z.object({ id: z.string() });
const Query = z.record(z.string(), z.string().optional().catch(undefined));
const Named = z.looseObject({ sessionId: z.string().optional(), terminalId: z.string().optional() });

/** What the terminal service has for one session, and who may use it: a session can run any program as its user. */
const OF_ONE: readonly (readonly [method: 'GET' | 'DELETE' | 'POST', what: string, role: Role])[] = [
  ['GET', '', 'viewer'],
  ['GET', '/screen', 'viewer'],
  ['GET', '/recordings', 'viewer'],
  ['GET', '/recording', 'viewer'],
  ['POST', '/keepalive', 'operator'],
  ['POST', '/input', 'operator'],
  ['POST', '/keys', 'operator'],
  ['DELETE', '', 'admin'],
];

/**
 * The terminal service's own protocol (B-139 to B-162) for the sessions of all runners, those without a ticket included.
 * A runner says whatever it says; `?runner=` names the one that is meant. Tickets have operations of their own.
 */
export function addSessionRoutes(app: FastifyInstance, context: ApiContext, gateway: Gateway): void {
  const places = createSessionPlaces(context);

  app.get('/api/sessions', { config: { role: 'viewer' } }, async () => places.list());

  for (const [method, what, role] of OF_ONE)
    app.route({
      method,
      url: `/api/sessions/:id${what}`,
      config: { role },
      handler: async (request, reply) => {
        const { id, runner, query } = read(request);
        const place = await places.find(id, runner);
        if (!place) throw new AppError('SESSION_NOT_FOUND', { why: `no runner has ${id}` });
        return relay(place, asking(request, `/sessions/${id}${what}`, query), reply);
      },
    });

  const make = async (request: FastifyRequest, reply: FastifyReply, id: string, path: string) => {
    const { runner, ...query } = Query.parse(request.query);
    const place = (await places.find(id, runner)) ?? (await places.forNew());
    return relay(place, asking(request, path, query), reply);
  };
  app.put('/api/sessions/:id', { config: { role: 'admin' } }, async (request, reply) => {
    const id = idOf(Params.parse(request.params).id);
    return make(request, reply, id, `/sessions/${id}`);
  });
  app.post('/api/sessions', { config: { role: 'admin' } }, async (request, reply) => {
    const { data } = Named.safeParse(request.body ?? {});
    if (!data) throw new AppError('PAYLOAD_INVALID', { why: 'an object, with sessionId as text where one is wanted' });
    const { sessionId, terminalId, ...asked } = data;
    const id = idOf(sessionId ?? terminalId ?? randomBytes(4).toString('hex'));
    request.body = { ...asked, sessionId: id };
    return make(request, reply, id, '/sessions');
  });

  for (const what of ['', '/replay']) addSocket(app, context, { gateway, places, what });
}

interface Sockets {
  readonly gateway: Gateway;
  readonly places: ReturnType<typeof createSessionPlaces>;
  readonly what: string;
}

/** `/ws/sessions/{id}`: the terminal of any session, typed in by operators; `…/replay`: what it printed. */
function addSocket(app: FastifyInstance, { stays, log }: ApiContext, { gateway, places, what }: Sockets): void {
  const join = async (socket: WebSocket, request: FastifyRequest): Promise<void> => {
    const { id, runner, query } = read(request);
    const { caller } = request;
    const access = what === '' && query.mode !== 'view' ? modeOf(caller) : 'view';
    if (query.mode === 'control' && access === 'view')
      throw new AppError('FORBIDDEN', { why: `${nameOf(caller)} may only look` });
    const mayMake = query.create === 'true' && caller !== null && mayUse(caller.role, 'admin');
    const place = (await places.find(id, runner)) ?? (mayMake ? await places.forNew() : undefined);
    if (!place) throw new AppError('SESSION_NOT_FOUND', { why: `no runner has ${id}` });
    const { token: _, ticket: __, create: ___, ...passed } = query; // of this door, and not for the one behind
    const wanted = new URLSearchParams({ ...given(passed), mode: access, ...(mayMake ? { create: 'true' } : {}) });
    const role = access === 'control' ? 'operator' : 'viewer';
    const stop = stays.keep(request, role, () => endSocket(socket, CLOSE.unauthorized, TAKEN_AWAY));
    socket.on('close', stop);
    gateway.join(socket, { ...place, url: `${place.url}/ws/sessions/${id}${what}?${wanted}` });
    const by = nameOf(caller);
    log.info({ event: 'terminal.opened', sessionId: id, runner: place.runner, access, by }, 'terminal opened');
  };
  app.route({
    method: 'GET',
    url: `/ws/sessions/:id${what}`,
    config: { role: 'viewer' },
    handler: async () => {
      throw new AppError('UPGRADE_REQUIRED');
    },
    wsHandler: (socket, request) => {
      socket.pause(); // until somebody listens: what is typed at once must not be lost
      join(socket, request).catch((err) => endSocket(socket, closeCode(err), shown(err, log)));
    },
  });
}

/** @throws AppError SESSION_ID_INVALID */
function read(request: FastifyRequest) {
  const { runner, ...query } = Query.parse(request.query);
  return { id: idOf(Params.parse(request.params).id), runner, query };
}

function idOf(text: string): string {
  const { data } = SessionId.safeParse(text);
  if (data === undefined) throw new AppError('SESSION_ID_INVALID');
  return data;
}

const asking = ({ method, body }: FastifyRequest, path: string, query: Record<string, string | undefined>): Asking => {
  const named = new URLSearchParams(given(query)).toString();
  return { method, path: named === '' ? path : `${path}?${named}`, body: body ?? undefined };
};

/** As it comes; what is wrong is said in our form. */
async function relay(place: ServicePlace, asked: Asking, reply: FastifyReply): Promise<FastifyReply> {
  const { statusCode, headers, body } = await askPlace(place, asked);
  void reply.status(statusCode).header('x-pco-runner', encodeURIComponent(place.runner));
  for (const name of ['content-type', 'content-disposition']) {
    const value = headers[name];
    if (value !== undefined) void reply.header(name, value);
  }
  if (statusCode < 400) return reply.send(statusCode === 204 ? undefined : body);
  const { error = `status ${statusCode}`, code = 'SESSIONS_UNREACHABLE' } = Failure.parse(await body.json());
  return reply.send({ detail: error, code });
}

const Failure = z.object({ error: z.string().optional(), code: z.string().optional() }).catch({});
