import type { BranchDiff } from '@pco/shared/contracts/http';
import { SessionId } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Host } from '../host.ts';
import { checkAccess } from '../runner-access.ts';
import { readBranchDiff } from './branch-diff.ts';

const Params = z.object({ sessionId: SessionId });

/** What a session changed, read from its repository when somebody asks. */
export function addDiffRoute(app: FastifyInstance, host: Host): void {
  app.get('/sessions/:sessionId/diff', async (request, reply): Promise<BranchDiff | FastifyReply> => {
    checkAccess(host, request);
    const sessionId = Params.safeParse(request.params).data?.sessionId;
    if (sessionId === undefined) throw new AppError('SESSION_ID_INVALID');
    const meta = await host.files(sessionId).readMeta();
    if (!meta) throw new AppError('SESSION_NOT_FOUND', { why: `${sessionId} has not run on this host` });
    const { ticket } = await host.core.store.load(meta.ticketId);
    const isPresent = ticket?.session?.id === sessionId;
    const branch = (isPresent ? ticket.session?.branch : undefined) ?? meta.branch; // as it was when it completed
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort());
    return readBranchDiff({ ...meta, branch }, gone.signal).catch((err: unknown) => {
      if (!gone.signal.aborted) throw err;
      return reply.hijack(); // nobody is there any more to be answered
    });
  });
}
