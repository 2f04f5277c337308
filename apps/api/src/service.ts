import fastifyWebsocket from '@fastify/websocket';
import type { Config } from '@pco/shared/config';
import { type Core, openCore, openPlane, poolsOfProjects, redisReadiness } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import { createAuditStore, createHistoryStore, createTicketReader } from '@pco/shared/redis';
import { addProbes, closeSockets, createHttp, listen, type Readiness } from '@pco/shared/service';
import { DAY_MS } from '@pco/shared/time';
import { addAudit } from './access/audit.ts';
import { checkBinding } from './access/binding.ts';
import { createCallers } from './access/callers.ts';
import { addGuard } from './access/guard.ts';
import { addSecurityHeaders } from './access/headers.ts';
import { createStays } from './access/stays.ts';
import { type ServedRoute, useDeclarations } from './app/declarations.ts';
import { addDocs, addOpenApi } from './app/openapi.ts';
import { addBoard } from './board.ts';
import { openEventHub } from './events/hub.ts';
import { openFeed } from './feed.ts';
import { startHistory } from './history/record-history.ts';
import { addApiMetrics } from './metrics/api-metrics.ts';
import { createSharedState } from './metrics/shared-state.ts';
import { createLists } from './read-model/lists.ts';
import { openReadModel, type ReadModel } from './read-model/read-model.ts';
import { createSurroundings } from './read-model/surroundings.ts';
import { addLoginRoutes, addTokenRoutes } from './routes/access.ts';
import { addAuditRoute } from './routes/audit.ts';
import { addCompleteRoute } from './routes/complete.ts';
import { addDashboard } from './routes/dashboard.ts';
import { addDecisionRoutes, addTalkRoutes } from './routes/decisions.ts';
import { addEventRoute } from './routes/events.ts';
import { addFrontRoute } from './routes/front.ts';
import { addHealthRoute } from './routes/health.ts';
import { addHistoryRoute } from './routes/history.ts';
import { addPreviewRoutes } from './routes/previews.ts';
import { addProjectRoutes } from './routes/projects.ts';
import { addRunnerRoutes } from './routes/runners.ts';
import { addSessionRoutes } from './routes/sessions.ts';
import { addSetupRoute } from './routes/setup.ts';
import { addTerminalRoutes } from './routes/terminals.ts';
import { addTestRoute } from './routes/test-ticket.ts';
import { addTicketFileRoutes } from './routes/ticket-files.ts';
import { addTicketRoutes } from './routes/tickets.ts';
import { addTranscriptionRoute } from './routes/transcription.ts';
import { addTranscriptRoutes } from './routes/transcripts.ts';
import { addWebhookRoute } from './routes/webhooks.ts';
import { startStateFiles } from './state-files.ts';
import { createGateway } from './terminals/gateway.ts';

/** From a browser: keys, and pastes. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

export interface Api extends AsyncDisposable {
  readonly url: string;
  readonly routes: readonly ServedRoute[];
}

/** REST for people, dashboards and scripts. Keeps nothing: any number of replicas answer alike. */
export async function startApi(config: Config, log: Logger): Promise<Api> {
  checkBinding(config);
  await using stack = new AsyncDisposableStack();
  const core = stack.use(await openCore(config, log, 'fail'));
  const feed = stack.use(await openFeed(core.redis, core.store, log));
  const plane = stack.use(openPlane(config, core));
  const reader = createTicketReader(core.redis.client, core.redis.keys);
  const model = stack.use(openReadModel(feed, reader, log));
  const around = createSurroundings(model, core);
  const lists = createLists(around, reader, config, log);
  stack.use(startStateFiles({ model, lists, folder: config.data_dir, log }));
  const { event_readers: readers, event_readers_per_client: readersPerClient } = config.api;
  const events = stack.use(openEventHub(feed, core.redis, { readers, readersPerClient }));
  const app = createHttp({ log, trustProxy: config.api.trust_proxy });
  const callers = createCallers(config, core.redis);
  const stays = stack.use(createStays(callers));
  const audit = createAuditStore(core.redis, config.api.audit_days * DAY_MS);
  await addSecurityHeaders(app, config);
  await app.register(fastifyWebsocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false },
    preClose: async () => closeSockets([...app.websocketServer.clients]),
  });
  await addGuard(app, { config, callers });
  addAudit(app, audit, log);
  const routes = useDeclarations(app);
  await addOpenApi(app);
  const context = { config, core, feed, model, around, lists, events, stays, log };
  stack.defer(addApiMetrics(app, context));
  const recording = {
    redis: core.redis,
    history: createHistoryStore(core.redis),
    read: createSharedState(config, core),
  };
  stack.use(startHistory(recording, log));
  addProbes(app, core.registry, () => readiness(core, model));
  addFrontRoute(app);
  addHealthRoute(app, context);
  addTicketRoutes(app, context);
  addEventRoute(app, context);
  addDecisionRoutes(app, context);
  addTalkRoutes(app, context);
  addCompleteRoute(app, context);
  addPreviewRoutes(app, context, plane);
  addTranscriptRoutes(app, context);
  addRunnerRoutes(app, context);
  addProjectRoutes(app, context, poolsOfProjects(config));
  addHistoryRoute(app, context);
  addSetupRoute(app, context, plane);
  addTicketFileRoutes(app, context);
  addTestRoute(app, context);
  const gateway = createGateway(core.registry, log);
  addTerminalRoutes(app, context, gateway);
  addSessionRoutes(app, context, gateway);
  await app.register(addLoginRoutes(context, callers));
  addTokenRoutes(app, context);
  addAuditRoute(app, audit);
  await app.register(addWebhookRoute(context));
  await app.register(addTranscriptionRoute(context));
  await addDocs(app);
  await addDashboard(app, { log, isKnown: callers.isLikelyKnown });
  stack.use(await addBoard(app, core, poolsOfProjects(config), log));
  const { url } = stack.use(await listen(app, config.api));
  log.info({ event: 'service.started', url }, 'service started');
  const opened = stack.move();
  return { url, routes, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Ready is who can answer everything: while its lists are read anew, others should be asked. */
async function readiness(core: Core, model: ReadModel): Promise<Readiness> {
  const { ok, checks } = await redisReadiness(core);
  const lists = model.state();
  return { ok: ok && lists === 'current', checks: { ...checks, lists } };
}
