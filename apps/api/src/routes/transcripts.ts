import { ROUTES } from '@pco/shared/contracts/http';
import { SECOND_MS } from '@pco/shared/time';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serveRaw } from '../app/serve.ts';
import { createRunnerRelay } from '../terminals/runner-relay.ts';

const ANSWER_MS = 8 * SECOND_MS;
/** A session-worker looks for 25 seconds at most. */
const DIFF_MS = 30 * SECOND_MS;

/** What the session-worker of a ticket's session has of it: its transcript, as pages and live, and its diff. */
export function addTranscriptRoutes(app: FastifyInstance, context: ApiContext): void {
  const { stays } = context;
  const relay = createRunnerRelay(app, context, ANSWER_MS);
  const relayDiff = createRunnerRelay(app, context, DIFF_MS);

  serveRaw(app, ROUTES.transcript, ({ params: { ticketId }, query: { session, ...query } }, reply) =>
    relay({ ticketId, path: 'transcript', session, query }, reply),
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
      return relay({ ticketId: params.ticketId, path: 'transcript/stream', session, query, lastEventId }, reply);
    },
    { exposeHeadRoute: false },
  );
  serveRaw(app, ROUTES.diff, ({ params: { ticketId } }, reply) => relayDiff({ ticketId, path: 'diff' }, reply));
}
