import { ROUTES } from '@pco/shared/contracts/http';
import { AppError, messageOf } from '@pco/shared/errors';
import { createRunnerStore } from '@pco/shared/redis';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Agent, request as httpRequest } from 'undici';
import type { ApiContext } from '../api-context.ts';
import { serveRaw } from '../app/serve.ts';
import { createFindPlace } from '../terminals/terminal-place.ts';

const ANSWER_MS = 8_000;
/** Longer than the session-worker is ever silent. */
const SILENCE_MS = 60_000;

interface Wanted {
  readonly ticketId: string;
  readonly session?: string | undefined;
  readonly query: Readonly<Record<string, number | undefined>>;
  readonly lastEventId?: string | string[] | undefined;
}

/** The transcript of a ticket's session, from the session-worker that has it: as pages, and live. */
export function addTranscriptRoutes(app: FastifyInstance, { core, config, stays }: ApiContext): void {
  const places = createFindPlace({ core, config });
  const runners = createRunnerStore(core.redis.client, core.redis.keys);
  const dispatcher = new Agent({ headersTimeout: ANSWER_MS, bodyTimeout: SILENCE_MS });
  app.addHook('onClose', () => dispatcher.destroy());

  const pass = async (path: string, wanted: Wanted, reply: FastifyReply): Promise<FastifyReply> => {
    const { sessionId, runner } = await places.one(wanted.ticketId, wanted.session);
    const { host, port, token } = config.session_worker;
    const url = (await runners.get(runner))?.heartbeat?.url ?? `http://${host}:${port}`;
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort()); // who does not listen any more needs nothing read
    const answer = await httpRequest(`${url}/sessions/${sessionId}/${path}?${queryOf(wanted.query)}`, {
      dispatcher,
      signal: gone.signal,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(typeof wanted.lastEventId === 'string' ? { 'last-event-id': wanted.lastEventId } : {}),
      },
    }).catch((cause: unknown) => {
      throw new AppError('RUNNER_UNREACHABLE', { why: `${url} (${messageOf(cause)})` }, { cause });
    });
    if (answer.statusCode === 401 || answer.statusCode === 403) {
      await answer.body.dump();
      throw new AppError('RUNNER_UNREACHABLE', { why: `${url} refuses us; is session_worker.token the same there?` });
    }
    answer.body.on('error', () => reply.raw.destroy()); // a client that counts comes back and goes on
    return reply
      .status(answer.statusCode)
      .header('cache-control', 'no-cache, no-transform')
      .header('x-accel-buffering', 'no') // nginx would collect what we send
      .type(String(answer.headers['content-type'] ?? 'application/json'))
      .send(answer.body);
  };

  serveRaw(app, ROUTES.transcript, ({ params: { ticketId }, query: { session, ...query } }, reply) =>
    pass('transcript', { ticketId, session, query }, reply),
  );
  serveRaw(
    app,
    ROUTES.transcriptStream,
    (request, reply) => {
      const { params, query: all, headers } = request;
      const { session, ...query } = all;
      reply.raw.on(
        'close',
        stays.keep(request, ROUTES.transcriptStream.role, () => reply.raw.destroy()),
      );
      const lastEventId = headers['last-event-id'];
      return pass('transcript/stream', { ticketId: params.ticketId, session, query, lastEventId }, reply);
    },
    { exposeHeadRoute: false },
  );
}

function queryOf(query: Wanted['query']): URLSearchParams {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given;
}
