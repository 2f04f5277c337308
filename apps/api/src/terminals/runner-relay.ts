import { AppError, messageOf } from '@pco/shared/errors';
import { createRunnerStore } from '@pco/shared/redis';
import { urlOf } from '@pco/shared/url-of';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Agent, request as httpRequest } from 'undici';
import type { ApiContext } from '../api-context.ts';
import { createFindPlace } from './terminal-place.ts';

/** Longer than the session-worker is ever silent. */
const SILENCE_MS = 60_000;

export interface Relayed {
  readonly ticketId: string;
  /** Of what its session-worker has of a session. */
  readonly path: string;
  /** Another session of the ticket than its present one. */
  readonly session?: string | undefined;
  readonly query?: Readonly<Record<string, number | undefined>>;
  readonly lastEventId?: string | string[] | undefined;
}
export type RunnerRelay = (wanted: Relayed, reply: FastifyReply) => Promise<FastifyReply>;

/**
 * Sends on what the session-worker that has a ticket's session answers, as it comes.
 *
 * @param answerMs how long it may take to begin
 */
export function createRunnerRelay(
  app: FastifyInstance,
  { core, config }: Pick<ApiContext, 'core' | 'config'>,
  answerMs: number,
): RunnerRelay {
  const places = createFindPlace({ core, config });
  const runners = createRunnerStore(core.redis.client, core.redis.keys);
  const dispatcher = new Agent({ headersTimeout: answerMs, bodyTimeout: SILENCE_MS });
  app.addHook('onClose', () => dispatcher.destroy());

  return async ({ ticketId, path, session, query = {}, lastEventId }, reply) => {
    const { sessionId, runner } = await places.one(ticketId, session);
    const { token } = config.session_worker;
    const url = (await runners.get(runner))?.heartbeat?.url ?? urlOf(config.session_worker);
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort()); // who does not listen any more needs nothing read
    const answer = await httpRequest(`${url}/sessions/${sessionId}/${path}?${queryOf(query)}`, {
      dispatcher,
      signal: gone.signal,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(typeof lastEventId === 'string' ? { 'last-event-id': lastEventId } : {}),
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
}

function queryOf(query: NonNullable<Relayed['query']>): URLSearchParams {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given;
}
