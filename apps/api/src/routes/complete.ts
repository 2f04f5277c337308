import { createHash, timingSafeEqual } from 'node:crypto';
import { cleanText, SUMMARY_MAX, TicketId } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiContext, check } from '../api-context.ts';

const Body = z.strictObject({
  summary: z
    .string()
    .max(SUMMARY_MAX)
    .refine((text) => cleanText(text) !== '', 'must not be blank'),
});

/** `POST /api/tickets/{id}/complete`: a session reports its own completion, with its own token (B-096). */
export function addCompleteRoute(app: FastifyInstance, { core, log }: ApiContext): void {
  app.post('/api/tickets/:ticketId/complete', { config: { sessionToken: true } }, async (request) => {
    const { ticketId } = check(z.strictObject({ ticketId: TicketId }), request.params, 'path');
    const { summary } = check(Body, request.body, 'body');
    const { ticket } = await core.store.load(ticketId);
    const session = ticket?.session;
    if (!ticket || !session?.tokenHash || !isToken(request.headers.authorization, session.tokenHash))
      throw new AppError('UNAUTHORIZED', { why: "the token of the ticket's present session is needed" });
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
