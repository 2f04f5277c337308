import fastifyWebsocket from '@fastify/websocket';
import { AppError } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { closeSockets, createHttp } from '@pco/shared/service';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { type AccessOptions, accountOf, addAccess } from './access.ts';
import type { Accounts } from './accounts.ts';
import type { Config } from './config.ts';
import type { Recordings } from './recordings.ts';
import type { Replays } from './replay.ts';
import { addAccountRoutes } from './routes/accounts.ts';
import { addCommandRoute } from './routes/commands.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addRecordingRoutes } from './routes/recordings.ts';
import { addScreenRoutes } from './routes/screen.ts';
import { addSessionRoutes } from './routes/sessions.ts';
import { addReplayRoute, addTerminalRoute } from './routes/terminal.ts';
import type { Sessions } from './sessions.ts';
import type { Terminals } from './terminal.ts';
import type { Tmux } from './tmux.ts';

const MAX_MESSAGE_BYTES = 1024 * 1024;

export interface AppOptions extends AccessOptions {
  readonly config: Config;
  readonly accounts: Accounts | undefined;
  readonly isRegistrationOpen: boolean;
  readonly sessions: Sessions;
  readonly recordings: Recordings;
  readonly terminals: Terminals;
  readonly replays: Replays;
  readonly tmux: Tmux;
  readonly registry: Registry;
  readonly log: Logger;
}

/** The HTTP server with all its routes; it does not listen. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { sessions, recordings, terminals, tmux, registry, log } = options;
  const app = createHttp({ log, errorBody: (detail, code) => ({ error: detail, code }) });
  acceptEmptyJson(app);
  await app.register(fastifyWebsocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES },
    preClose: async () => closeSockets([...app.websocketServer.clients]),
  });
  addAccess(app, options);
  addOwnership(app, sessions);
  if (options.accounts) addAccountRoutes(app, options.accounts, options.isRegistrationOpen);
  addHealthRoutes(app, { config: options.config, tmux, registry });
  addSessionRoutes(app, sessions);
  addScreenRoutes(app, tmux);
  addCommandRoute(app, tmux);
  addRecordingRoutes(app, recordings);
  addTerminalRoute(app, terminals);
  addReplayRoute(app, recordings, options.replays);
  return app;
}

/** Somebody with an account meets only sessions of his own; others are not there for him. */
function addOwnership(app: FastifyInstance, sessions: Sessions): void {
  app.addHook('preHandler', async (request) => {
    const account = accountOf(request);
    const { id } = z.object({ id: z.string().optional() }).parse(request.params ?? {});
    if (!account || id === undefined) return;
    const session = await sessions.find(id);
    if (session && session.owner !== account.username) throw new AppError('SESSION_NOT_FOUND', { sessionId: id });
  });
}

/** Many clients name a content type on every request, also on a DELETE without a body. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // parseAs: 'string' makes it one, which the types do not say
    const text = body as string;
    if (text.trim() === '') done(null, undefined);
    else void parseJson(request, text, done); // answers through `done`
  });
}
