import type { Config } from '@pco/shared/config';
import type { Core } from '@pco/shared/engine';
import { AppError, messageOf } from '@pco/shared/errors';
import { createRunnerStore } from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';

const TIMEOUT_MS = 8 * SECOND_MS;

const Session = z.looseObject({ sessionId: z.string(), active: z.boolean() });
const OneSession = z.object({ session: Session });
const Listed = z.object({ sessions: z.array(Session) });

/** The terminal service of one runner. */
export interface ServicePlace {
  readonly runner: string;
  readonly url: string;
  readonly token: string | undefined;
}
export interface Asking {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
}
export type SessionPlaces = ReturnType<typeof createSessionPlaces>;

/** The terminal services of all runners, and which of them has a session. They are asked: nobody else knows of all sessions. */
export function createSessionPlaces({ core, config }: { core: Core; config: Config }) {
  const runners = createRunnerStore(core.redis.client, core.redis.keys);
  const { url: ownUrl, token } = config.tmux_session_service;

  /** By name. A runner without a heartbeat may still have terminals; a service without a runner is the one that we know. */
  const all = async (): Promise<[ServicePlace, ...ServicePlace[]]> => {
    const known = await Promise.all(
      (await runners.all()).map(async ({ id }) => ({ runner: id, url: await runners.terminalUrl(id), token })),
    );
    const [first, ...others] = known.flatMap(({ url, ...place }) => (url ? [{ ...place, url }] : []));
    return first ? [first, ...others] : [{ runner: 'default', url: ownUrl, token }];
  };
  /** What each of them says, and the names of those who say nothing. */
  const askAll = async <Said>(read: (place: ServicePlace) => Promise<Said>) => {
    const places = await all();
    const asked = await Promise.allSettled(places.map(async (place) => ({ place, said: await read(place) })));
    const silent = places.filter((_, index) => asked[index]?.status === 'rejected').map(({ runner }) => runner);
    return { answers: asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])), silent };
  };
  const sessionAt = async (place: ServicePlace, id: string) => {
    const { statusCode, body } = await askPlace(place, { method: 'GET', path: `/sessions/${id}` });
    if (statusCode === 200) return OneSession.parse(await body.json()).session;
    await body.dump();
    if (statusCode === 404) return undefined;
    throw new AppError('SESSIONS_UNREACHABLE', { why: `of ${place.runner}: status ${statusCode}` });
  };
  const named = async (runner: string): Promise<ServicePlace> => {
    const place = (await all()).find((one) => one.runner === runner);
    if (!place) throw new AppError('RUNNER_NOT_FOUND', { runner });
    return place;
  };

  return {
    /** Every session with the runner that has it. */
    async list() {
      const { answers, silent } = await askAll(async (place) => {
        const { statusCode, body } = await askPlace(place, { method: 'GET', path: '/sessions' });
        if (statusCode !== 200) throw new AppError('SESSIONS_UNREACHABLE', { why: `status ${statusCode}` });
        return Listed.parse(await body.json()).sessions;
      });
      if (answers.length === 0) throw unreachable(silent);
      const sessions = answers.flatMap(({ place, said }) => said.map((one) => ({ ...one, runner: place.runner })));
      return { sessions, unreachable: silent };
    },

    /**
     * Where a session is. Of several with one id the living one counts.
     *
     * @returns undefined when it is nowhere
     * @throws AppError SESSIONS_UNREACHABLE when a runner that may have it does not answer, SESSION_CONFLICT when several have it
     */
    async find(id: string, runner?: string): Promise<ServicePlace | undefined> {
      if (runner !== undefined) return named(runner);
      const { answers, silent } = await askAll((place) => sessionAt(place, id));
      const having = answers.flatMap(({ place, said }) => (said ? [{ place, session: said }] : []));
      const living = having.filter(({ session }) => session.active);
      const [found, second] = living.length > 0 ? living : having;
      if (found && second) {
        const where = (living.length > 0 ? living : having).map(({ place }) => place.runner).join(' and ');
        throw new AppError('SESSION_CONFLICT', { why: `it is on ${where}; say ?runner= which is meant` });
      }
      if (!found && silent.length > 0) throw unreachable(silent);
      return found?.place;
    },

    /** Where a session is made that is nowhere yet: always the same one, so that two who make it at once make one. */
    async forNew(): Promise<ServicePlace> {
      return (await all())[0];
    },
  };
}

const unreachable = (runners: readonly string[]): AppError =>
  new AppError('SESSIONS_UNREACHABLE', { why: `of ${runners.join(', ')}` });

/** @throws AppError SESSIONS_UNREACHABLE */
export async function askPlace(
  { runner, url, token }: ServicePlace,
  { method, path, body }: Asking,
): Promise<Dispatcher.ResponseData> {
  return request(`${url}${path}`, {
    method: method as Dispatcher.HttpMethod, // of our own routes
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  }).catch((cause: unknown) => {
    throw new AppError('SESSIONS_UNREACHABLE', { why: `of ${runner} (${messageOf(cause)})` }, { cause });
  });
}
