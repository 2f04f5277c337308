import { createHash, timingSafeEqual } from 'node:crypto';
import { ROUTES } from '@pco/shared/contracts/http';
import { cleanText } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';

/** `POST /api/tickets/{id}/complete`: a session reports its own completion, with its own token (B-096), or an operator does. */
export function addCompleteRoute(app: FastifyInstance, { core, log }: ApiContext): void {
  serve(app, ROUTES.complete, async (request) => {
    const { ticketId } = request.params;
    const { summary } = request.body;
    const { ticket } = await core.store.load(ticketId);
    const session = ticket?.session;
    const isOwn = session?.tokenHash !== undefined && isToken(request.headers.authorization, session.tokenHash);
    if (!request.caller && !isOwn)
      throw new AppError('UNAUTHORIZED', {
        why: "the token of the ticket's present session, or of an operator, is needed",
      });
    if (!ticket || !session) throw new AppError('TICKET_NOT_FOUND', { why: 'it has no session that could complete' });
    const answer = await core.apply(
      {
        id: `signal-${request.id}-${ticketId}`,
        type: 'completion.signalled',
        ticketId,
        cid: ticket.cid,
        sessionId: session.id,
        summary,
        channel: 'http',
      },
      { once: true },
    );
    if (answer.kind === 'ignored') throw new AppError('TICKET_BUSY', { why: answer.why });
    log.info(
      { event: 'completion.accepted', ticketId, cid: ticket.cid, summary: cleanText(summary).slice(0, 100) },
      'completion accepted',
    );
    return { status: 'completed', ticket_id: ticketId };
  });
}

function isToken(header: string | undefined, expectedHash: string): boolean {
  const given = /^Bearer (\S+)$/.exec(header ?? '')?.[1] ?? '';
  const hash = createHash('sha256').update(given).digest();
  const expected = Buffer.from(expectedHash, 'hex');
  return hash.length === expected.length && timingSafeEqual(hash, expected);
}
