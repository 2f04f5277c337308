import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { accessOf, accountOf } from '../access.ts';
import type { Recordings } from '../recordings.ts';
import type { Replays } from '../replay.ts';
import { AtMs, Speed } from '../replay-frames.ts';
import { isSessionId } from '../session-record.ts';
import type { Terminals } from '../terminal.ts';
import { namedRecording, visibleRecordings } from '../visible-recordings.ts';

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

const ReplayQuery = z.object({
  recording: z.string().optional().catch(undefined),
  at: z.coerce.number().pipe(AtMs).default(0).catch(0),
  speed: z.coerce.number().pipe(Speed).default(1).catch(1),
});

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

/** A recording instead of the session itself: also after the end, and for whoever may only look. */
export function addReplayRoute(app: FastifyInstance, recordings: Recordings, replays: Replays): void {
  app.get('/ws/sessions/:id/replay', { websocket: true }, async (socket, request) => {
    const { id } = Params.parse(request.params);
    const { recording: name, at: atMs, speed } = ReplayQuery.parse(request.query);
    socket.pause(); // until somebody listens
    const all = isSessionId(id) ? await visibleRecordings(recordings, request, id) : [];
    replays.open(socket, { recording: namedRecording(all, name)?.name, atMs, speed });
    socket.resume();
  });
}
