import { Readable } from 'node:stream';
import { type TranscriptPage, TranscriptQuery } from '@pco/shared/contracts/http';
import { SessionId } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { agentNamed } from '../agent/choose-agent.ts';
import type { Host } from '../host.ts';
import { checkAccess } from '../runner-access.ts';
import type { SessionMeta } from '../session-files.ts';
import { createMeter } from '../usage/meter.ts';
import { followTranscript } from './follow.ts';
import { transcriptEvents } from './stream.ts';

const Params = z.object({ sessionId: SessionId });

/** What an agent says and does, from its own transcript: while it runs, and afterwards as long as it keeps that. */
export function addTranscriptRoutes(app: FastifyInstance, host: Host): void {
  app.get('/sessions/:sessionId/transcript', async (request): Promise<TranscriptPage> => {
    const { meta, paths, query } = await admit(host, request);
    const follower = followTranscript(paths, query.after);
    const entries = await follower.next(query.limit);
    const usage = createMeter(agentNamed(meta.agent), host.files(meta.sessionId).dir).read();
    return {
      session_id: meta.sessionId,
      entries: [...entries],
      next: follower.hasMore() ? (entries.at(-1)?.line ?? null) : null,
      used: usage ? { turns: usage.turns, tokens: usage.tokens, cost_usd: usage.cost } : null,
    };
  });

  app.get('/sessions/:sessionId/transcript/stream', async (request, reply) => {
    const { meta, paths, query } = await admit(host, request);
    const last = Number(request.headers['last-event-id']);
    const after = Number.isSafeInteger(last) && last > 0 ? last : query.after;
    const lives = async (): Promise<boolean> => {
      const { ticket } = await host.core.store.load(meta.ticketId);
      return ticket?.session?.id === meta.sessionId && ticket.session.endedAt === undefined;
    };
    // piped: who reads slowly is read for slowly
    const events = Readable.from(transcriptEvents(followTranscript(paths, after), lives), { highWaterMark: 4 });
    return reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-cache').send(events);
  });
}

async function admit(host: Host, request: FastifyRequest) {
  checkAccess(host, request);
  const params = Params.safeParse(request.params).data;
  const query = TranscriptQuery.safeParse(request.query).data;
  if (!params || !query) throw new AppError('PAYLOAD_INVALID', { why: 'after and limit are whole numbers' });
  const files = host.files(params.sessionId);
  const meta = await files.readMeta();
  if (!meta) throw new AppError('SESSION_NOT_FOUND', { why: `${params.sessionId} has not run on this host` });
  return { meta, query, paths: pathsOf(meta, files.dir) };
}

const pathsOf = (meta: SessionMeta, dir: string) => (): readonly string[] =>
  agentNamed(meta.agent).transcripts(dir).conversation;
